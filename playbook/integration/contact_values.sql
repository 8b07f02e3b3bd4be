-- One row per customer: the personal value of each kind that survives among its records.
with golden as (
  select
    customer_id,
    max(case when field = 'name' then value end) as name,
    max(case when field = 'phone' then value end) as phone,
    max(case when field = 'email' then value end) as email,
    max(case when field = 'address' then value end) as address
  from surviving
  where field in ('name', 'phone', 'email', 'address')
  group by customer_id
),
said as (
  select customer_id, max(case when suppressed then 1 else 0 end) = 1 as suppressed
  from rows
  group by customer_id
)
select
  coalesce(g.customer_id, s.customer_id) as customer_id, g.name, g.phone, g.email, g.address,
  coalesce(s.suppressed, false) as suppressed
from golden as g
full join said as s on s.customer_id = g.customer_id
