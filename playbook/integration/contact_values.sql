-- One row per customer: the newest personal value of each kind, those of customer files before those seen in orders.
with given as (
  select p.customer_id, p.source, p.source_key, r.name, r.phone, r.email, r.address, r.suppressed, r.updated_at,
    r.registered_on, 1 as is_master
  from rows as r
  join people as p on p.source = r.key_source and p.holder = r.holder
  union all
  select p.customer_id, p.source, p.source_key, s.name, s.phone, s.email, null, null, null, null, 0 as is_master
  from sightings as s
  join people as p on p.source = s.source and p.holder = s.holder
),
ranked as (
  select
    *,
    row_number() over (
      partition by customer_id
      order by is_master, updated_at nulls first, registered_on nulls first, source desc, source_key desc, name nulls first,
        phone nulls first, email nulls first, address nulls first
    ) as age_rank
  from given
)
select
  customer_id,
  max_by(name, case when name is not null then age_rank end) as name,
  max_by(phone, case when phone is not null then age_rank end) as phone,
  max_by(email, case when email is not null then age_rank end) as email,
  max_by(address, case when address is not null then age_rank end) as address,
  coalesce(bool_or(suppressed), false) as suppressed
from ranked
group by customer_id
