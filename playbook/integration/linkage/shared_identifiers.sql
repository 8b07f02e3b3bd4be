-- One row per record, identifier that several people may use, and name it was seen with: every phone, and the e-mails and
-- cards of several records that bear several names.
with owned as (
  select 'email' as kind, email as value, record_no, name from observed where email is not null
  union
  select 'member_card', member_card, record_no, name from observed where member_card is not null
),
several as (
  select kind, value
  from owned
  group by kind, value
  having count(distinct name) > 1 and count(distinct record_no) > 1
)
select distinct 'phone' as kind, phone_key as value, record_no, name
from observed
where phone_key is not null
union all
select o.kind, o.value, o.record_no, o.name
from owned as o
join several as s on s.kind = o.kind and s.value = o.value
