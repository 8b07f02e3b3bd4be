-- One row per length of a silence in days: how many ended then with a purchase, and how many still last on $as_of.
with days as (
  select distinct customer_id, day from purchases where kind = 'purchase'
),
steps as (
  select day, lead(day) over (partition by customer_id order by day) as next_day from days
),
lengths as (
  select
    case when next_day is null then date_diff('day', day, $as_of) else date_diff('day', day, next_day) end as days,
    case when next_day is null then 0 else 1 end as returned
  from steps
)
select days, sum(returned) as returned, sum(1 - returned) as open
from lengths
group by days
order by days
