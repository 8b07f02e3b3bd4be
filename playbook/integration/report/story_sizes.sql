-- One row per number of records that a customer is made of, five and more as one: customers, orders, net revenue.
with sized as (
  select customer_id, least(count(*), 5) as size from identities group by customer_id
),
bought as (
  select customer_id, sum(orders) as orders, sum(net) as net from record_orders group by customer_id
)
select
  s.size, count(*) as customers, cast(coalesce(sum(b.orders), 0) as bigint) as orders, coalesce(sum(b.net), 0) as revenue
from sized as s
left join bought as b on b.customer_id = s.customer_id
group by s.size
order by s.size
