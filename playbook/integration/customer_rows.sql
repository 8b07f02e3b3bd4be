-- One row per row of a file of customers: whose it is, and its rank by age (the newest state ranks highest).
select
  p.customer_id, p.source_key,
  row_number() over (
    partition by p.customer_id
    order by r.updated_at nulls first, r.registered_on nulls first, p.source desc, p.source_key desc, r.content
  ) as age_rank,
  row_number() over (
    partition by p.customer_id order by r.registered_on desc nulls first, p.source desc, p.source_key desc, r.content
  ) as first_rank,
  r.*
from rows as r
join record_to_customer as p on p.source = r.key_source and p.record_key = r.holder
