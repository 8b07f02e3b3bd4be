-- One row per record and identifier that ties it, as in `ties`, without the e-mails and phones of several people or
-- companies that are proven to be different: an agent's e-mail, the landline of an office building.
with disputed as (
  select t.value_no
  from ties as t
  join proofs as p on p.record_no = t.record_no
  where t.rule in ('email', 'phone_name', 'phone')
  group by t.value_no, p.kind
  having count(distinct p.value) > 1
)
select t.*
from ties as t
left join (select distinct value_no from disputed) as d on d.value_no = t.value_no
where d.value_no is null
