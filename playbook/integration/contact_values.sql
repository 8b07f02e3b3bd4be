-- One row per customer: the newest personal value of each kind, those of customer files before those seen in orders.
with given as (
  select customer_id, 1 as is_master, age_rank, name, phone, email, address, suppressed
  from rows
  union all
  select p.customer_id, 0 as is_master, 0 as age_rank, s.name, s.phone, s.email, null, null
  from sightings as s
  join people as p on p.source = s.source and p.holder = s.holder
),
ranked as (
  select
    *,
    row_number() over (
      partition by customer_id
      order by is_master, age_rank, name nulls first, phone nulls first, email nulls first, address nulls first
    ) as value_rank
  from given
)
select
  customer_id,
  max_by(name, case when name is not null then value_rank end) as name,
  max_by(phone, case when phone is not null then value_rank end) as phone,
  max_by(email, case when email is not null then value_rank end) as email,
  max_by(address, case when address is not null then value_rank end) as address,
  max(case when suppressed then 1 else 0 end) = 1 as suppressed
from ranked
group by customer_id
