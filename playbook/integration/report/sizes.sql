-- One row per number of records that a customer is made of, five and more as one: customers, orders, net revenue, and the
-- shares of all customers and of all revenue.
with sized as (
  select customer_id, least(count(*), 5) as size from identities group by customer_id
),
bought as (
  select customer_id, sum(orders) as orders, sum(net) as net from record_orders group by customer_id
),
summed as (
  select s.size, count(*) as customers, coalesce(sum(b.orders), 0) as orders, coalesce(sum(b.net), 0) as revenue
  from sized as s
  left join bought as b on b.customer_id = s.customer_id
  group by s.size
),
whole as (
  select sum(customers) as customers, cast(sum(revenue) as double) as revenue from summed
)
select
  case when s.size = 5 then '5+' else cast(s.size as varchar) end as size,
  s.customers, cast(s.orders as bigint) as orders, s.revenue,
  cast(s.customers as double) / w.customers as customers_share,
  coalesce(cast(s.revenue as double) / nullif(w.revenue, 0), 0) as revenue_share
from summed as s
cross join whole as w
order by s.size
