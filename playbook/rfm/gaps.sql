-- One row per gap: the days between two purchase days of one customer, in order.
with days as (
  select distinct customer_id, day from purchases where kind = 'purchase'
),
ordered as (
  select customer_id, day, lag(day) over (partition by customer_id order by day) as before from days
)
select customer_id, day, date_diff('day', before, day) as gap_days
from ordered
where before is not null
order by customer_id, day
