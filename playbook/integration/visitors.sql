-- One row per event, with whose it is: a visitor's events before login belong to the customer who then logged in. Where
-- several customers log in on one device, an event is a customer's only within a session of theirs, or between two of
-- their logins with nobody else's in between.
with owned as (
  select
    r.file_no, r.row_no, p.customer_id, r.visitor_id, r.occurred_at, r.event, r.channel, r.item, r.category,
    r.session_id, r.cost, r.source
  from rows as r
  left join people as p on p.source = r.key_source and p.holder = r.holder
),
visitors as (
  select source, visitor_id, count(distinct customer_id) as customers, min(customer_id) as customer_id
  from owned
  where visitor_id is not null and customer_id is not null
  group by source, visitor_id
),
sessions as (
  select source, visitor_id, session_id, min(customer_id) as customer_id
  from owned
  where visitor_id is not null and session_id is not null and customer_id is not null
  group by source, visitor_id, session_id
  having count(distinct customer_id) = 1
),
placed as (
  select
    *,
    row_number() over (
      partition by source, visitor_id order by occurred_at, case when customer_id is null then 1 else 0 end, file_no, row_no
    ) as place
  from owned
),
between_logins as (
  select
    *,
    max_by(customer_id, case when customer_id is not null then place end) over (
      partition by source, visitor_id order by place rows between unbounded preceding and current row
    ) as before,
    max_by(customer_id, case when customer_id is not null then -place end) over (
      partition by source, visitor_id order by place rows between current row and unbounded following
    ) as after
  from placed
)
select
  case
    when b.customer_id is not null or b.visitor_id is null then b.customer_id
    when v.customers = 1 then v.customer_id
    when s.customer_id is not null then s.customer_id
    when b.before = b.after then b.before
  end as customer_id,
  b.visitor_id, b.occurred_at, b.event, b.channel, b.item, b.category, b.session_id, b.cost, b.source
from between_logins as b
left join visitors as v on v.source = b.source and v.visitor_id = b.visitor_id
left join sessions as s on s.source = b.source and s.visitor_id = b.visitor_id and s.session_id = b.session_id
