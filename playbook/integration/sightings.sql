-- One row per record of a source and the identifiers it was seen with.
select
  key_source as source, holder, name, phone, email, member_card, openid,
  max(case when private_keys then 1 else 0 end) as has_private_keys,
  max(case when internal then 1 else 0 end) as is_internal
from seen
where holder is not null
group by key_source, holder, name, phone, email, member_card, openid
