-- One row per record on an e-mail or card that carries the names of more than $most_names people, or of two that are proven
-- to be different (`shared_emails`): whose name it bears there (null: nobody's, or one that fits several). A record that bears
-- several names is one person's.
with persons as (
  select h.kind, h.value, h.record_no, min(c.class) as class
  from shared as h
  join classes as c on c.kind = h.kind and c.value = h.value and coalesce(c.name, '') = coalesce(h.name, '')
  where h.kind <> 'phone'
  group by h.kind, h.value, h.record_no
),
of_several as (
  select kind, value
  from persons
  group by kind, value
  having count(distinct class) > $most_names
  union
  select kind, value
  from shared_emails
)
select p.kind, p.value, p.record_no, p.class
from persons as p
join of_several as s on s.kind = p.kind and s.value = p.value
