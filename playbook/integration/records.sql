-- One row per record of a source: its number, whether its key is personal data, whether the source marks it internal.
with records as (
  select source, holder, bool_or(has_private_keys) as has_private_keys, bool_or(is_internal) as is_internal
  from sightings
  group by source, holder
),
shaped as (
  select
    source,
    bool_or(has_private_keys) as has_private_keys,
    avg(case when regexp_matches(holder, '^1[3-9][0-9]{9}$') or holder like '%@%' then 1.0 else 0.0 end) as personal_share
  from records
  group by source
)
select
  row_number() over (order by r.source, r.holder) - 1 as record_no,
  r.source, r.holder, r.is_internal,
  s.has_private_keys
    or s.personal_share > 0.5
    or r.holder like 'email:%'
    or r.holder like 'phone:%'
    or r.holder like 'openid:%' as is_private
from records as r
join shaped as s on s.source = r.source
