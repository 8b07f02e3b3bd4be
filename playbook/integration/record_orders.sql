-- One row per record that orders came under: whose it is, and what it alone would show of them.
with placed as (
  select
    key_source as source, source_key, customer_id,
    case when kind in ('purchase', 'redemption') then 1 else 0 end as orders,
    case when kind in ('purchase', 'redemption', 'deposit', 'return') then coalesce(amount, 0) else 0 end as net,
    case when kind in ('purchase', 'redemption') then cast(ordered_at as date) end as day
  from orders
  where customer_id is not null
)
select
  source, source_key, min(customer_id) as customer_id, sum(orders) as orders, sum(net) as net,
  min(day) as first_day, max(day) as last_day
from placed
group by source, source_key
