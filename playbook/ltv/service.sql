-- One row: purchases of the year up to $as_of, and what serving customers cost in it: costs booked, and costs of events.
with sales as (
  select count(*) as purchases from purchases where kind = 'purchase' and day > $since
),
booked as (
  select sum(amount) as amount from costs where kind = 'service' and month > $since and month <= $as_of
),
logged as (
  select sum(cost) as amount from events where cast(occurred_at as date) > $since and cast(occurred_at as date) <= $as_of
)
select
  coalesce(s.purchases, 0) as purchases,
  cast(coalesce(b.amount, 0) + coalesce(l.amount, 0) as double) as service
from sales as s
cross join booked as b
cross join logged as l
