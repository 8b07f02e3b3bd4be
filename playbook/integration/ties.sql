-- One row per record and identifier that it shares with another record: the identifier ties them into one customer.
-- A phone ties only records of one name: families share phones. A record without a name joins the phone's only holder,
-- unless more than $reissue_days lie between them: operators reissue phones. Branches of a company are kept apart.
-- An identifier that one source gives to more than $most_holders records, or a record that carries more than
-- $most_values of a kind, proves nothing.
with phones as (
  select s.record_no, s.source, s.phone_key, c.class, c.rule, s.first_day, s.last_day, s.branch_key
  from seen as s
  join classes as c on c.phone_key = s.phone_key and coalesce(c.name, '') = coalesce(s.name, '')
  where c.class is not null
),
periods as (
  select
    phone_key, class, min(first_day) as first_day, case when count(last_day) = count(*) then max(last_day) end as last_day
  from phones
  where rule = 'phone_name'
  group by phone_key, class
),
timely as (
  select p.record_no, p.source, p.rule, p.phone_key, concat(p.class, '|', p.branch_key) as name
  from phones as p
  left join periods as o on o.phone_key = p.phone_key and o.class = p.class
  where p.rule = 'phone_name'
    or coalesce(date_diff('day', o.last_day, p.first_day), 0) <= $reissue_days
    and coalesce(date_diff('day', p.last_day, o.first_day), 0) <= $reissue_days
),
identifiers as (
  select record_no, source, 'member_card' as rule, 'member_card' as kind, member_card as value, '' as name
  from seen where member_card is not null
  union
  select record_no, source, 'openid', 'openid', openid, '' from seen where openid is not null
  union
  select record_no, source, 'unionid', 'unionid', unionid, '' from seen where unionid is not null
  union
  select record_no, source, 'credit_code', 'credit_code', credit_code, branch_key from seen where credit_code is not null
  union
  select record_no, source, 'email', 'email', email, branch_key from seen where email is not null
  union
  select record_no, source, min(rule), 'phone', phone_key, name from timely group by record_no, source, phone_key, name
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
