-- One row per group: the id of the customer that it is, and since when that id is in use.
-- Of several inherited ids the elder survives. A group without one takes back an id that its records were born with and
-- that nobody uses; else it gets a new one, a hash of its smallest source key, never one that was given before.
with inherited as (
  select
    group_no, old_id, id_since,
    row_number() over (partition by group_no order by id_since, records desc, old_id) as turn
  from votes
  where inherits
),
kept as (
  select group_no, old_id as customer_id, id_since
  from inherited
  where turn = 1
),
unseen as (
  select r.customer_id
  from registry as r
  left join history as k on k.source = r.source and k.old_key = r.source_key
  where k.record_no is null
),
in_use as (
  select customer_id from kept
  union
  select customer_id from unseen
),
without as (
  select k.group_no, k.source, k.source_key, k.born_as, k.since
  from history as k
  left join kept on kept.group_no = k.group_no
  where kept.group_no is null
),
free as (
  select w.group_no, w.born_as, count(*) as records, min(w.since) as since, min(concat(w.source, '|', w.source_key)) as first_key
  from without as w
  left join in_use as u on u.customer_id = w.born_as
  where w.born_as is not null and u.customer_id is null
  group by w.group_no, w.born_as
),
claims as (
  select *, row_number() over (partition by born_as order by records desc, since, first_key) as turn
  from free
),
choices as (
  select *, row_number() over (partition by group_no order by since, records desc, born_as) as choice
  from claims
  where turn = 1
),
restored as (
  select group_no, born_as as customer_id, since as id_since
  from choices
  where choice = 1
),
first_keys as (
  select
    w.group_no, w.source, w.source_key,
    row_number() over (partition by w.group_no order by w.source, w.source_key) as turn
  from without as w
  left join restored as r on r.group_no = w.group_no
  where r.group_no is null
),
issued as (
  select customer_id from registry
  union
  select born_as from registry
  union
  select old_id from log
  union
  select new_id from log
),
candidates as (
  select group_no, source, source_key, substring(sha256(concat(source, '|', source_key)), 1, 16) as customer_id
  from first_keys
  where turn = 1
),
fresh as (
  select
    c.group_no,
    case
      when g.customer_id is null then c.customer_id
      else substring(sha256(concat(c.source, '|', c.source_key, '|', cast($as_of as varchar))), 1, 16)
    end as customer_id
  from candidates as c
  left join issued as g on g.customer_id = c.customer_id
)
select group_no, customer_id, id_since from kept
union all
select group_no, customer_id, id_since from restored
union all
select group_no, customer_id, cast($as_of as date) from fresh
