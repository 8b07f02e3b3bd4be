-- One row per system whose numbers orders came under: what counting its numbers finds; with source null, what all of them
-- find when records are linked. Internal customers stand outside.
with bought as (
  select b.source, b.customer_id, b.orders, b.net
  from record_orders as b
  left join customers as c on c.customer_id = b.customer_id
  where b.orders > 0 and coalesce(c.is_internal, false) = false
),
counted as (
  select source, count(*) as customers, sum(orders) as orders, sum(net) as revenue
  from bought
  group by source
  union all
  select cast(null as varchar), count(distinct customer_id), sum(orders), sum(net)
  from bought
)
select
  source,
  customers,
  cast(orders as bigint) as orders,
  revenue,
  cast(orders as double) / nullif(customers, 0) as orders_per_customer,
  cast(revenue as double) / nullif(customers, 0) as revenue_per_customer
from counted
order by source nulls last
