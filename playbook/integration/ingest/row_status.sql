-- One row per row read: its status, and why it was not accepted.
-- A record that comes again with the same content is a duplicate; one key with two contents is nobody's truth, unless the
-- source says which is newer. Records without a key are told apart by their content and its occurrence in the file.
with judged as (
  select
    r.file_no, r.row_no, f.source, r.record_key, r.content, r.duplicate_key, r.updated_at, r.excluded,
    case
      when r.excluded is not null then 'excluded'
      when r.is_fatal then 'quarantined'
      when r.day > $as_of then 'future_dated'
    end as status
  from staged as r
  join files as f on f.file_no = r.file_no
),
counted as (
  select
    *,
    row_number() over (partition by file_no, duplicate_key order by content, row_no) as occurrence
  from judged
  where status is null
),
identified as (
  select
    *,
    case
      when record_key is not null then concat('k', record_key)
      else concat('c', cast(duplicate_key as varchar), '#', cast(occurrence as varchar))
    end as identity
  from counted
),
dated as (
  select *, max(updated_at) over (partition by source, identity) as newest
  from identified
),
versions as (
  select *, coalesce(updated_at = newest, newest is null) as is_newest
  from dated
),
compared as (
  select
    *,
    min(content) over (partition by source, identity, is_newest) as least,
    max(content) over (partition by source, identity, is_newest) as greatest,
    row_number() over (partition by source, identity, is_newest order by file_no, row_no) as turn
  from versions
),
decided as (
  select
    file_no, row_no, occurrence,
    case
      when not is_newest then 'duplicate'
      when least <> greatest then 'quarantined'
      when turn > 1 then 'duplicate'
      else 'accepted'
    end as status,
    case
      when not is_newest then 'older_state'
      when least <> greatest then 'two_contents'
      when turn > 1 then 'same_record'
    end as reason
  from compared
)
select file_no, row_no, occurrence, status, reason
from decided
union all
select file_no, row_no, 0 as occurrence, status, case when status = 'excluded' then excluded end as reason
from judged
where status is not null
