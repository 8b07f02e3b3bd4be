-- One row per origin and customer with an event or an answer up to it: app and site, service, feedback.
-- $recent and $earlier are windows in days; what a table's own first day does not cover is left out by the caller.
with happened as (
  select
    o.origin, e.customer_id,
    date_diff('day', cast(e.occurred_at as date), o.origin) as age,
    case when e.event = $service then 1 else 0 end as service
  from events as e
  join origins as o on cast(e.occurred_at as date) <= o.origin
  where e.customer_id is not null
),
active as (
  select
    origin, customer_id,
    min(age) as event_days,
    sum(case when age < $recent then 1 - service else 0 end) as events_recent,
    sum(case when age >= $recent and age < 2 * $recent then 1 - service else 0 end) as events_before,
    sum(case when age < $earlier then service else 0 end) as service_contacts
  from happened
  group by origin, customer_id
),
answered as (
  select
    o.origin, f.customer_id, f.score,
    date_diff('day', cast(f.answered_at as date), o.origin) as age,
    row_number() over (
      partition by o.origin, f.customer_id order by f.answered_at desc, f.answer_no desc, f.score
    ) as back
  from feedback as f
  join origins as o on cast(f.answered_at as date) <= o.origin
  where f.customer_id is not null and f.score is not null
),
feedback_summary as (
  select
    origin, customer_id,
    max(case when back = 1 then score end) as feedback_last,
    round(avg(case when age < $earlier then score end), 9) as feedback_mean
  from answered
  group by origin, customer_id
)
select
  coalesce(a.origin, s.origin) as origin,
  coalesce(a.customer_id, s.customer_id) as customer_id,
  a.event_days, a.events_recent, a.events_before, a.service_contacts,
  s.feedback_last, s.feedback_mean
from active as a
full join feedback_summary as s on s.origin = a.origin and s.customer_id = a.customer_id
