-- One row per month: how many customers placed their first order in it.
with firsts as (
  select customer_id, min(cast(ordered_at as date)) as first_on
  from orders
  where kind in ('purchase', 'redemption') and customer_id is not null
  group by customer_id
)
select cast(date_trunc('month', first_on) as date) as month, count(*) as customers
from firsts
group by cast(date_trunc('month', first_on) as date)
order by month
