-- One row per customer, whether they ordered or not: their number in the order of their ids, the day they registered
-- (days since 1970) and whether they are internal.
with listed as (
  select customer_id, null as registered_on, 0 as is_internal from purchases
  union all
  select customer_id, registered_on, case when is_internal then 1 else 0 end from customers
),
everyone as (
  select customer_id, min(registered_on) as registered_on, max(is_internal) as is_internal
  from listed
  group by customer_id
)
select
  cast(row_number() over (order by customer_id) - 1 as integer) as no,
  customer_id,
  date_diff('day', date '1970-01-01', cast(registered_on as date)) as registered_day,
  is_internal = 1 as is_internal
from everyone
