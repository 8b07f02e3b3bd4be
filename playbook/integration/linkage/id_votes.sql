-- One row per group and id that records of it had before: how many had it, and whether the group inherits it.
-- An id stays with the records that were born with it, then with most of its records, then with the eldest.
with votes as (
  select
    group_no, old_id,
    count(*) as records,
    sum(case when born_as = old_id then 1 else 0 end) as born,
    min(since) as since,
    min(id_since) as id_since,
    min(concat(source, '|', source_key)) as first_key
  from history
  where old_id is not null
  group by group_no, old_id
),
ranked as (
  select
    *,
    row_number() over (partition by old_id order by born desc, records desc, since, first_key) as turn
  from votes
)
select group_no, old_id, records, id_since, turn = 1 as inherits
from ranked
