-- One row per record and identifier that it shares with another record: the identifier links them into one customer.
-- A phone links only records of one name: families share phones. A record without a name joins the phone's only holder, or
-- others without a name, unless more than $reissue_days lie between them: operators reissue phones. So does an e-mail or
-- card that several people use link only records of one name. Branches of a company are kept apart.
-- An identifier that one source gives to more than $most_holders records, or a record that carries more than
-- $most_values of a kind, links nothing.
-- `is_disputed`: an e-mail or phone of several people or companies whose numbers (`cannot_link`) show them to be different:
-- an agent's e-mail, the landline of an office building.
with phones as (
  select
    s.record_no, s.source, s.phone_key, c.class, s.branch_key, s.first_day, s.last_day,
    case when s.name is null then 'phone' else 'phone_name' end as rule
  from observed as s
  join classes as c on c.kind = 'phone' and c.value = s.phone_key and coalesce(c.name, '') = coalesce(s.name, '')
  where c.class is not null
),
periods as (
  select
    phone_key, class, min(first_day) as first_day, case when count(last_day) = count(*) then max(last_day) end as last_day
  from phones
  where rule = 'phone_name'
  group by phone_key, class
),
used as (
  select
    p.record_no, p.source, p.phone_key, p.class, p.branch_key, p.rule,
    coalesce(case when p.rule = 'phone' then p.first_day else o.first_day end, cast('0001-01-01' as date)) as first_day,
    coalesce(case when p.rule = 'phone' then p.last_day else o.last_day end, cast('9999-12-31' as date)) as last_day
  from phones as p
  left join periods as o on o.phone_key = p.phone_key and o.class = p.class
),
gaps as (
  select
    *,
    date_diff(
      'day',
      max(last_day) over (
        partition by phone_key, class order by first_day, last_day, record_no, branch_key, rule
        rows between unbounded preceding and 1 preceding
      ),
      first_day
    ) as gap_days
  from used
),
spells as (
  select
    record_no, source, phone_key, class, branch_key, rule,
    sum(case when gap_days > $reissue_days then 1 else 0 end) over (
      partition by phone_key, class order by first_day, last_day, record_no, branch_key, rule
      rows between unbounded preceding and current row
    ) as spell
  from gaps
),
identifiers as (
  select record_no, source, 'id_number' as kind, id_number as value, '' as part from observed where id_number is not null
  union
  select record_no, source, 'member_card', member_card, '' from observed where member_card is not null
  union
  select record_no, source, 'openid', openid, '' from observed where openid is not null
  union
  select record_no, source, 'unionid', unionid, '' from observed where unionid is not null
  union
  select record_no, source, 'credit_code', credit_code, branch_key from observed where credit_code is not null
  union
  select record_no, source, 'email', email, branch_key from observed where email is not null
),
owned as (
  select record_no, source, kind as rule, kind, value, part from identifiers
  union all
  select record_no, source, min(rule), 'phone', phone_key, concat(class, '|', branch_key, '|', spell)
  from spells
  group by record_no, source, phone_key, class, branch_key, spell
),
overused_values as (
  select distinct kind, value, part
  from (
    select kind, value, part, source, count(distinct record_no) as holders
    from owned
    group by kind, value, part, source
  ) as counted
  where holders > $most_holders
),
overloaded_records as (
  select record_no, kind
  from owned
  group by record_no, kind
  having count(distinct value) > $most_values
),
usable as (
  select o.record_no, o.rule, o.kind, o.value, concat(o.part, '|', coalesce(s.class, '')) as name
  from owned as o
  left join overused_values as v on v.kind = o.kind and v.value = o.value and v.part = o.part
  left join overloaded_records as r on r.record_no = o.record_no and r.kind = o.kind
  left join shared_records as s on s.kind = o.kind and s.value = o.value and s.record_no = o.record_no
  where v.value is null and r.record_no is null and (s.record_no is null or s.class is not null)
),
linking as (
  select kind, value, name
  from usable
  group by kind, value, name
  having count(distinct record_no) > 1
),
numbered as (
  select u.record_no, u.rule, dense_rank() over (order by u.kind, u.value, u.name) - 1 as value_no
  from usable as u
  join linking as t on t.kind = u.kind and t.value = u.value and t.name = u.name
),
disputed as (
  select distinct n.value_no
  from numbered as n
  join cannot_link as c on c.record_no = n.record_no
  where n.rule in ('email', 'phone_name', 'phone')
  group by n.value_no, c.kind
  having count(distinct c.value) > 1
)
select n.record_no, n.rule, n.value_no, d.value_no is not null as is_disputed
from numbered as n
left join disputed as d on d.value_no = n.value_no
