-- One row per month: how many customers, internal ones left out, placed their first order in it.
with firsts as (
  select o.customer_id, min(cast(o.ordered_at as date)) as first_on
  from orders as o
  left join (select customer_id from customers where is_internal) as i on i.customer_id = o.customer_id
  where o.kind in ('purchase', 'redemption') and o.customer_id is not null and i.customer_id is null
  group by o.customer_id
)
select cast(date_trunc('month', first_on) as date) as month, count(*) as customers
from firsts
group by cast(date_trunc('month', first_on) as date)
order by month
