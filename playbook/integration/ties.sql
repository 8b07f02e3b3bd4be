-- One row per record and identifier that it shares with another record: the identifier ties them into one customer.
-- A phone ties only records of one name: families share phones. A record without a name joins the phone's only holder.
-- An identifier that one source gives to more than $most_holders records, or a record that carries more than
-- $most_values of a kind, proves nothing.
with seen as (
  select r.record_no, r.source, s.name, s.phone, s.email, s.member_card, s.openid
  from sightings as s
  join records as r on r.source = s.source and r.holder = s.holder
),
only_name as (
  select record_no, min(name) as name
  from seen
  group by record_no
  having count(distinct name) = 1
),
phones as (
  select s.record_no, s.source, s.phone, coalesce(s.name, n.name) as name
  from seen as s
  left join only_name as n on n.record_no = s.record_no
  where s.phone is not null
),
phone_names as (
  select phone, count(distinct name) as names, min(name) as name
  from phones
  group by phone
),
named_phones as (
  select
    p.record_no, p.source, p.phone as value,
    case when p.name is not null then 'phone_name' else 'phone' end as rule,
    case when p.name is not null then p.name when n.names = 1 then n.name when n.names = 0 then '' end as name
  from phones as p
  join phone_names as n on n.phone = p.phone
),
identifiers as (
  select record_no, source, 'member_card' as rule, 'member_card' as kind, member_card as value, '' as name
  from seen where member_card is not null
  union
  select record_no, source, 'openid', 'openid', openid, '' from seen where openid is not null
  union
  select record_no, source, 'email', 'email', email, '' from seen where email is not null
  union
  select record_no, source, rule, 'phone', value, name from named_phones where name is not null
),
crowded_values as (
  select distinct kind, value, name
  from (
    select kind, value, name, source, count(distinct record_no) as holders
    from identifiers
    group by kind, value, name, source
  ) as held
  where holders > $most_holders
),
crowded_records as (
  select record_no, kind
  from identifiers
  group by record_no, kind
  having count(distinct value) > $most_values
),
usable as (
  select i.record_no, i.rule, i.kind, i.value, i.name
  from identifiers as i
  left join crowded_values as v on v.kind = i.kind and v.value = i.value and v.name = i.name
  left join crowded_records as r on r.record_no = i.record_no and r.kind = i.kind
  where v.value is null and r.record_no is null
),
shared as (
  select kind, value, name
  from usable
  group by kind, value, name
  having count(distinct record_no) > 1
)
select u.record_no, u.rule, dense_rank() over (order by u.kind, u.value, u.name) - 1 as value_no
from usable as u
join shared as s on s.kind = u.kind and s.value = u.value and s.name = u.name
