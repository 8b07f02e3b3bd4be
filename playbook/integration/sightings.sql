-- One row per record of a source and the identifiers it was seen with.
select
  key_source as source, holder, name, phone, email, member_card, openid,
  bool_or(private_keys) as has_private_keys,
  bool_or(internal) as is_internal
from seen
where holder is not null
group by key_source, holder, name, phone, email, member_card, openid
