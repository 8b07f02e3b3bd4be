-- One row per record that orders came under, with the number of its customer: orders and net revenue. Internal customers
-- (staff, test accounts, resellers) buy like nobody else, and stand outside.
with bought as (
  select b.customer_id, b.source, b.source_key, b.orders, b.net
  from record_orders as b
  left join customers as c on c.customer_id = b.customer_id
  where b.orders > 0 and coalesce(c.is_internal, false) = false
),
numbered as (
  select customer_id, row_number() over (order by customer_id) - 1 as customer_no
  from (select distinct customer_id from bought)
)
select n.customer_no, b.orders, cast(b.net as double) as net
from bought as b
join numbered as n on n.customer_id = b.customer_id
order by b.customer_id, b.source, b.source_key
