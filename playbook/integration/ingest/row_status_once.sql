-- One row per row read of a source that gave one file without keys: nothing in it can be a duplicate or contradicted.
select
  file_no, row_no,
  row_number() over (partition by duplicate_key order by content, row_no) as occurrence,
  case
    when excluded is not null then 'excluded'
    when is_fatal then 'quarantined'
    when day > $as_of then 'future_dated'
    else 'accepted'
  end as status,
  excluded as reason
from staged
