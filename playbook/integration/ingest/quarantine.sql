-- One row per rejected value: rows that do not fit the columns, values that cannot be typed, rows that others contradict.
with typed as (
  select p.file_no, p.row_no, p.column, p.value, p.reason, f.status = 'accepted' as kept
  from problems as p
  join row_status as f on f.file_no = p.file_no and f.row_no = p.row_no
  where f.status in ('accepted', 'quarantined')
),
contradicted as (
  select file_no, row_no, '*' as column, cast(null as varchar) as value, reason, false as kept
  from row_status
  where status = 'quarantined' and reason is not null
),
misfits as (
  select file_no, row_no, '*' as column, value, reason, false as kept
  from rejects
),
every as (
  select * from typed
  union all
  select * from contradicted
  union all
  select * from misfits
)
select f.source, f.file, e.row_no as row, e.column, e.value, e.reason, e.kept
from every as e
join files as f on f.file_no = e.file_no
