-- One row per record and identifiers it was seen with: whose they are, and how they rank by age behind all master data.
select
  p.customer_id, p.source, p.source_key, s.name, s.phone, s.email,
  -row_number() over (
    partition by p.customer_id
    order by s.last_day desc nulls first, p.source, p.source_key, s.name, s.phone, s.email
  ) as newest,
  -row_number() over (
    partition by p.customer_id
    order by s.first_day nulls last, p.source, p.source_key, s.name, s.phone, s.email
  ) as oldest
from observed as s
join record_to_customer as p on p.source = s.source and p.record_key = s.record_key
where s.name is not null or s.phone is not null or s.email is not null
