-- One row per event, numbered among those that are equal in all that orders them.
select
  row_number() over (
    partition by occurred_at, source, customer_id, visitor_id, session_id, event, item order by channel, category, cost
  ) as event_no,
  customer_id, visitor_id, occurred_at, event, channel, item, category, session_id, cost, source
from rows
