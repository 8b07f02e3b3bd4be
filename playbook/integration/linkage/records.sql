-- One row per record of a source: its number, whether its key is personal data, whether the source marks it internal,
-- and from when to when it was seen (last_day null: still kept).
with records as (
  select
    source, record_key, max(has_private_keys) as has_private_keys, max(is_internal) as is_internal,
    min(first_day) as first_day,
    case when count(last_day) = count(*) then max(last_day) end as last_day
  from observed
  group by source, record_key
),
shaped as (
  select
    source,
    max(has_private_keys) as has_private_keys,
    sum(
      case
        when record_key like '%@%' then 1
        when record_key like '1__________' and substring(record_key, 2, 1) >= '3' and try_cast(record_key as bigint) is not null then 1
        else 0
      end
    ) as personal_keys,
    count(*) as keys
  from records
  group by source
)
select
  row_number() over (order by r.source, r.record_key) - 1 as record_no,
  r.source, r.record_key, r.is_internal = 1 as is_internal,
  s.has_private_keys = 1
    or s.personal_keys > 0.5 * s.keys
    or r.record_key like 'email:%'
    or r.record_key like 'phone:%'
    or r.record_key like 'openid:%'
    or r.record_key like 'unionid:%' as is_private,
  r.first_day, r.last_day
from records as r
join shaped as s on s.source = r.source
