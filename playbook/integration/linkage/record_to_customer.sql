-- One row per record: the customer it belongs to, and the strongest link that holds it there.
with ends as (
  select e.record_no_a as record_no, r.rank, e.weight
  from links as e
  join ranks as r on r.rule = e.rule
  union all
  select e.record_no_b, r.rank, e.weight
  from links as e
  join ranks as r on r.rule = e.rule
),
strongest as (
  select record_no, min(rank) as rank, max(weight) as weight
  from ends
  group by record_no
),
internal as (
  select
    k.group_no,
    max(case when r.is_internal then 1 else 0 end) as declared,
    max(v.verdict) as decided
  from history as k
  join records as r on r.record_no = k.record_no
  left join verdicts as v on v.group_no = k.group_no
  group by k.group_no
)
select
  r.record_no, r.source, r.record_key, k.source_key, i.customer_id,
  coalesce(n.decided, n.declared) = 1 as is_internal,
  n.decided is not null as is_settled,
  coalesce(k.since, cast($as_of as date)) as since,
  coalesce(l.rule, 'own_key') as rule,
  case when l.rule = 'probabilistic' then s.weight end as weight
from records as r
join history as k on k.record_no = r.record_no
join ids as i on i.group_no = k.group_no
join internal as n on n.group_no = k.group_no
left join strongest as s on s.record_no = r.record_no
left join ranks as l on l.rank = s.rank
