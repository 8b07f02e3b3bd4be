-- One row per id that records of an earlier run lost to another: by a merge it is out of use, by a split not.
-- The reason of a merge is the strongest link that reaches out of the id's own records, that of a split the decision.
with reaching as (
  select a.old_id, a.group_no, r.rank
  from links as e
  join history as a on a.record_no = e.record_no_a
  join history as b on b.record_no = e.record_no_b
  join ranks as r on r.rule = e.rule
  where a.old_id is not null and (b.old_id is null or b.old_id <> a.old_id)
  union all
  select b.old_id, b.group_no, r.rank
  from links as e
  join history as a on a.record_no = e.record_no_a
  join history as b on b.record_no = e.record_no_b
  join ranks as r on r.rule = e.rule
  where b.old_id is not null and (a.old_id is null or a.old_id <> b.old_id)
),
strongest as (
  select old_id, group_no, min(rank) as rank
  from reaching
  group by old_id, group_no
),
separated as (
  select distinct k.old_id
  from kept_apart as a
  join history as k on k.record_no = a.record_no
),
changed as (
  select
    v.old_id, v.group_no, v.records, n.customer_id as new_id,
    v.inherits and u.customer_id is null as is_merge
  from votes as v
  join ids as n on n.group_no = v.group_no
  left join ids as u on u.customer_id = v.old_id
  where n.customer_id <> v.old_id
)
select
  case when c.is_merge then 'merge' else 'split' end as kind,
  c.old_id, c.new_id, c.records,
  case
    when c.is_merge then coalesce(r.rule, 'no_tie')
    when s.old_id is not null then 'decision'
    else 'no_tie'
  end as reason
from changed as c
left join strongest as t on t.old_id = c.old_id and t.group_no = c.group_no
left join ranks as r on r.rank = t.rank
left join separated as s on s.old_id = c.old_id
