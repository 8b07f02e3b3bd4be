-- One row per order: its lines added up. Lines are grouped by customer and order first, so that no order counts twice.
select
  order_id,
  cast(null as varchar) as related_order_id,
  customer_id,
  min(ordered_at) as ordered_at,
  case when sum(amount) < 0 then 'return' else 'purchase' end as kind,
  sum(amount) as amount,
  cast(null as varchar) as channel
from order_lines
group by customer_id, order_id
