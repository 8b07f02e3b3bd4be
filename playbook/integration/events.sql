-- One row per event. What a visitor did before login belongs to the customer who then logged in, where it is only one.
with owned as (
  select
    p.customer_id, r.visitor_id, r.occurred_at, r.event, r.channel, r.item, r.category, r.session_id, r.cost, r.source
  from rows as r
  left join people as p on p.source = r.key_source and p.holder = r.holder
),
logins as (
  select source, visitor_id, min(customer_id) as customer_id
  from owned
  where visitor_id is not null and customer_id is not null
  group by source, visitor_id
  having count(distinct customer_id) = 1
),
stitched as (
  select
    coalesce(o.customer_id, l.customer_id) as customer_id,
    o.visitor_id, o.occurred_at, o.event, o.channel, o.item, o.category, o.session_id, o.cost, o.source
  from owned as o
  left join logins as l on l.source = o.source and l.visitor_id = o.visitor_id
)
select
  row_number() over (
    partition by occurred_at, source, customer_id, visitor_id, session_id, event, item order by channel, category, cost
  ) as event_no,
  customer_id, visitor_id, occurred_at, event, channel, item, category, session_id, cost, source
from stitched
