-- One row per source: its purchases and its revenue net of returns, and the part that belongs to no known customer.
with sold as (
  select
    source, customer_id, coalesce(amount, 0) as amount,
    case when kind in ('purchase', 'redemption') then 1 else 0 end as is_order,
    case when kind in ('purchase', 'redemption') and customer_id is null then 1 else 0 end as is_anonymous
  from orders
  where kind in ('purchase', 'redemption', 'deposit', 'return')
)
select
  source,
  cast(sum(is_order) as bigint) as orders,
  cast(sum(is_anonymous) as bigint) as anonymous_orders,
  sum(amount) as revenue,
  sum(case when customer_id is null then amount else 0 end) as anonymous_revenue
from sold
group by source
order by source
