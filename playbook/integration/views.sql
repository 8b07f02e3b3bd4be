-- One row per source of orders: what that system alone sees, and with source null what all of them see together.
with bought as (
  select source, customer_id, amount from orders where kind in ('purchase', 'redemption') and customer_id is not null
),
alone as (
  select source, count(*) as orders, count(distinct customer_id) as customers, sum(amount) as revenue
  from bought
  group by source
),
together as (
  select cast(null as varchar) as source, count(*) as orders, count(distinct customer_id) as customers,
    sum(amount) as revenue
  from bought
)
select
  source,
  customers,
  orders,
  revenue,
  cast(orders as double) / nullif(customers, 0) as orders_per_customer,
  cast(revenue as double) / nullif(customers, 0) as revenue_per_customer
from (select * from alone union all select * from together)
order by source nulls last
