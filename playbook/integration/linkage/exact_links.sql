-- One row per two records linked by an identifier they share: each record with a value and the first one. E-mails and
-- phones of several people or companies that are known to be different (`is_disputed`) link nobody.
with usable as (
  select * from linking where not is_disputed
),
hubs as (
  select value_no, min(record_no) as record_no
  from usable
  group by value_no
)
select
  h.record_no as record_no_a, t.record_no as record_no_b,
  case when t.rule = 'phone' or a.rule = 'phone' then 'phone' else t.rule end as rule,
  cast(null as double) as weight, cast(null as double) as probability, t.value_no
from usable as t
join hubs as h on h.value_no = t.value_no
join usable as a on a.value_no = h.value_no and a.record_no = h.record_no
where t.record_no > h.record_no
