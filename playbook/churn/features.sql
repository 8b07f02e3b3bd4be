-- One row per origin and customer who had bought by then: all that the tables said of them on that day.
select
  b.*,
  coalesce(m.channels, 0) as channels,
  coalesce(m.returns, 0) as returns,
  coalesce(m.return_share, 0) as return_share,
  coalesce(m.discount_share, 0) as discount_share,
  coalesce(m.categories, 0) as categories,
  c.event_days,
  coalesce(c.events_recent, 0) as events_recent,
  coalesce(c.events_before, 0) as events_before,
  coalesce(c.service_contacts, 0) as service_contacts,
  c.feedback_last,
  c.feedback_mean
from behaviour as b
left join manner as m on m.origin = b.origin and m.customer_id = b.customer_id
left join contact as c on c.origin = b.origin and c.customer_id = b.customer_id
order by b.origin, b.customer_id
