-- One row per row read of a source that gave one file without keys: nothing in it can be repeated or contradicted.
select
  file_no, row_no,
  row_number() over (partition by likeness order by content, row_no) as occurrence,
  case
    when excluded is not null then 'excluded'
    when is_fatal then 'quarantined'
    when day > $as_of then 'later'
    else 'accepted'
  end as fate,
  excluded as reason
from staged
