-- One row per origin and customer who had bought by then: all that the tables said of them on that day.
-- The number at the end of a name is that of its window, $w1 to $w4 days. A window that begins before the first day of
-- its table is unknown.
with covered as (
  select
    o.origin,
    date_diff('day', (select min(cast(ordered_at as date)) from orders), o.origin) + 1 as order_days,
    date_diff('day', (select min(cast(occurred_at as date)) from events), o.origin) + 1 as event_days,
    date_diff('day', (select min(cast(answered_at as date)) from feedback), o.origin) + 1 as feedback_days
  from origins as o
)
select
  b.origin, b.customer_id, b.first_on, b.last_on, b.recency_days, b.tenure_days, b.orders_ever, b.value_ever,
  b.gap_mean, b.gap_square, b.gap_longest, b.log_gaps,
  case when c.order_days >= $w1 then b.orders_1 end as orders_1,
  case when c.order_days >= $w2 then b.orders_2 end as orders_2,
  case when c.order_days >= $w3 then b.orders_3 end as orders_3,
  case when c.order_days >= $w4 then b.orders_4 end as orders_4,
  case when c.order_days >= 2 * $w1 then b.orders_1_before end as orders_1_before,
  case when c.order_days >= 2 * $w2 then b.orders_2_before end as orders_2_before,
  case when c.order_days >= 2 * $w3 then b.orders_3_before end as orders_3_before,
  case when c.order_days >= $w1 then b.value_1 end as value_1,
  case when c.order_days >= $w2 then b.value_2 end as value_2,
  case when c.order_days >= $w3 then b.value_3 end as value_3,
  case when c.order_days >= $w4 then b.value_4 end as value_4,
  case when c.order_days >= 2 * $w2 then b.value_2_before end as value_2_before,
  case when c.order_days >= 2 * $w3 then b.value_3_before end as value_3_before,
  coalesce(m.channels, 0) as channels,
  coalesce(m.returns, 0) as returns,
  coalesce(m.return_share, 0) as return_share,
  coalesce(m.discount_share, 0) as discount_share,
  coalesce(m.categories, 0) as categories,
  case when c.event_days >= $w3 then least(coalesce(e.event_days, $w3), $w3) end as event_days,
  case when c.event_days >= $w1 then coalesce(e.events_recent, 0) end as events_1,
  case when c.event_days >= 2 * $w1 then coalesce(e.events_before, 0) end as events_1_before,
  case when c.event_days >= $w3 then coalesce(e.service_contacts, 0) end as service_contacts_3,
  e.feedback_last,
  case when c.feedback_days >= $w3 then e.feedback_mean end as feedback_mean_3
from behaviour as b
join covered as c on c.origin = b.origin
left join purchase_mix as m on m.origin = b.origin and m.customer_id = b.customer_id
left join engagement as e on e.origin = b.origin and e.customer_id = b.customer_id
order by b.origin, b.customer_id
