-- One row per record of a source and the identifiers it was seen with, from when to when (null: still so).
select
  key_source as source, holder as record_key, name, phone, email, member_card, openid, unionid, credit_code,
  max(case when private_keys then 1 else 0 end) as has_private_keys,
  max(case when internal then 1 else 0 end) as is_internal,
  min(day) as first_day,
  case when max(case when is_master then 1 else 0 end) = 0 then max(day) end as last_day
from rows
where holder is not null
group by key_source, holder, name, phone, email, member_card, openid, unionid, credit_code
