-- One row per doubtful link that alone holds a customer together: its two records, and what the customer is worth.
with bought as (
  select customer_id, sum(orders) as orders, sum(net) as net from record_orders group by customer_id
)
select
  w.customer_id, w.source_a, w.source_key_a, w.source_b, w.source_key_b, w.probability,
  cast(coalesce(b.orders, 0) as bigint) as orders, coalesce(b.net, 0) as revenue
from bridges as w
left join bought as b on b.customer_id = w.customer_id
order by coalesce(b.net, 0) desc, w.source_a, w.source_key_a, w.source_b, w.source_key_b
