-- One row per record ever seen: the customer it belongs to, the id it was first given, and since when each is known.
-- A record that this run does not see keeps its customer, or follows it into the one it was merged with.
with merged as (
  select old_id, new_id
  from changes
  where kind = 'merge'
),
here as (
  select
    k.source, k.source_key, i.customer_id,
    coalesce(k.born_as, i.customer_id) as born_as,
    coalesce(k.since, cast($as_of as date)) as since,
    i.id_since
  from history as k
  join ids as i on i.group_no = k.group_no
),
elsewhere as (
  select
    r.source, r.source_key,
    coalesce(m.new_id, r.customer_id) as customer_id,
    r.born_as, r.since,
    case when m.new_id is null then r.id_since else s.id_since end as id_since
  from registry as r
  left join history as k on k.source = r.source and k.old_key = r.source_key
  left join merged as m on m.old_id = r.customer_id
  left join ids as s on s.customer_id = m.new_id
  where k.record_no is null
)
select source, source_key, customer_id, born_as, since, id_since from here
union all
select source, source_key, customer_id, born_as, since, id_since from elsewhere
