-- One row per record: the customer it belongs to, under a name that the smallest source key of the group gives.
with keyed as (
  select r.record_no, r.source, r.holder, r.is_internal, k.source_key, g.group_no
  from records as r
  join keys as k on k.record_no = r.record_no
  join groups as g on g.record_no = r.record_no
),
ranked as (
  select
    *,
    row_number() over (partition by group_no order by source, source_key) as turn,
    max(case when is_internal then 1 else 0 end) over (partition by group_no) as group_is_internal
  from keyed
),
named as (
  select group_no, substring(sha256(concat(source, '|', source_key)), 1, 16) as customer_id
  from ranked
  where turn = 1
),
strongest as (
  select
    record_no,
    min(
      case rule
        when 'member_card' then '1 member_card'
        when 'openid' then '2 openid'
        when 'email' then '3 email'
        when 'phone_name' then '4 phone_name'
        else '5 phone'
      end
    ) as rule
  from ties
  group by record_no
)
select
  r.source, r.holder, r.source_key, n.customer_id,
  r.group_is_internal = 1 as is_internal,
  coalesce(substring(s.rule, 3, 20), 'own_key') as rule
from ranked as r
join named as n on n.group_no = r.group_no
left join strongest as s on s.record_no = r.record_no
