-- One row per id that records lost to another, in this run or an earlier one.
-- `log` is that of the run before. Where a run was published for this very day (`shown`), its log goes on: what has
-- changed since it comes in the next turn, and what it found itself is not logged again.
with logged as (
  select as_of, turn, kind, old_id, new_id, records, reason from log
  union
  select as_of, turn, kind, old_id, new_id, records, reason from shown_log
),
unlogged as (
  select c.kind, c.old_id, c.new_id, c.records, c.reason
  from changes as c
  left join shown_log as t
    on t.as_of = $as_of and t.kind = c.kind and t.old_id = c.old_id and t.new_id = c.new_id
  left join shown_changes as s on s.old_id = c.old_id and s.new_id = c.new_id
  where t.old_id is null and s.old_id is null
),
new as (
  select kind, old_id, new_id, records, reason from shown_changes
  union all
  select kind, old_id, new_id, records, reason from unlogged
),
turns as (
  select coalesce(max(turn), 0) + 1 as turn from logged where as_of = $as_of
)
select as_of, turn, kind, old_id, new_id, records, reason
from logged
union all
select cast($as_of as date), t.turn, f.kind, f.old_id, f.new_id, f.records, f.reason
from new as f
cross join turns as t
