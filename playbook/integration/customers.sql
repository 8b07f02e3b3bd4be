-- One row per customer: of each field the value that survives among its records.
with golden as (
  select
    customer_id,
    max(case when field = 'registered_on' then try_cast(value as date) end) as registered_on,
    max(case when field = 'region' then value end) as region,
    max(case when field = 'city' then value end) as city,
    max(case when field = 'gender' then value end) as gender,
    max(case when field = 'birth_year' then try_cast(value as bigint) end) as birth_year,
    max(case when field = 'acquisition_channel' then value end) as acquisition_channel,
    max(case when field = 'level' then value end) as level,
    max(case when field = 'points' then try_cast(value as bigint) end) as points,
    max(case when field = 'owner' then value end) as owner
  from surviving
  group by customer_id
),
everyone as (
  select customer_id, max(case when is_internal then 1 else 0 end) = 1 as is_internal
  from record_to_customer
  group by customer_id
)
select
  e.customer_id, g.registered_on, g.region, g.city, g.gender, g.birth_year, g.acquisition_channel, g.level, g.points,
  g.owner, e.is_internal
from everyone as e
left join golden as g on g.customer_id = e.customer_id
