-- One row per event, with whose it is: a visitor's events without a login belong to the customer who logs in on the same
-- device, within $visitor_days of a login and of the same source. Where several customers log in, an event is a customer's
-- only within a session of theirs, or between two of their logins with nobody else's in between. A device of more than
-- $most_holders customers stands in a shop: there a session alone says whose an event is.
with owned as (
  select
    r.file_no, r.row_no, p.customer_id, r.visitor_id, r.occurred_at, r.event, r.channel, r.item, r.category,
    r.session_id, r.cost, r.source
  from rows as r
  left join record_to_customer as p on p.source = r.key_source and p.record_key = r.holder
),
visitors as (
  select source, visitor_id, count(distinct customer_id) as customers
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
      partition by source, visitor_id
      order by
        occurred_at, case when customer_id is null then 1 else 0 end, coalesce(customer_id, ''), file_no, row_no
    ) as place
  from owned
  where visitor_id is not null
),
logins as (
  select
    *,
    max_by(customer_id, case when customer_id is not null then place end) over earlier as before,
    max_by(customer_id, case when customer_id is not null then -place end) over later as after,
    max(case when customer_id is not null then occurred_at end) over earlier as before_at,
    min(case when customer_id is not null then occurred_at end) over later as after_at
  from placed
  window
    earlier as (partition by source, visitor_id order by place rows between unbounded preceding and current row),
    later as (partition by source, visitor_id order by place rows between current row and unbounded following)
),
claimed as (
  select
    l.file_no, l.row_no,
    case
      when s.customer_id is not null then s.customer_id
      when v.customers > $most_holders or (v.customers > 1 and l.before is distinct from l.after) then null
      when date_diff('day', l.before_at, l.occurred_at) <= $visitor_days then l.before
      when date_diff('day', l.occurred_at, l.after_at) <= $visitor_days then l.after
    end as customer_id
  from logins as l
  join visitors as v on v.source = l.source and v.visitor_id = l.visitor_id
  left join sessions as s on s.source = l.source and s.visitor_id = l.visitor_id and s.session_id = l.session_id
  where l.customer_id is null
)
select
  coalesce(o.customer_id, c.customer_id) as customer_id,
  o.visitor_id, o.occurred_at, o.event, o.channel, o.item, o.category, o.session_id, o.cost, o.source
from owned as o
left join claimed as c on c.file_no = o.file_no and c.row_no = o.row_no
