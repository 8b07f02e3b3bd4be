-- One row: what the lines of all purchases up to $as_of brought and cost, where the cost is known.
select
  cast(coalesce(sum(l.amount), 0) as double) as sold,
  cast(coalesce(sum(l.cost), 0) as double) as cost,
  count(*) as lines
from order_lines as l
join orders as o on o.order_id = l.order_id
where o.kind in ('purchase', 'redemption')
  and cast(o.ordered_at as date) <= $as_of
  and l.cost is not null
  and l.amount > 0
