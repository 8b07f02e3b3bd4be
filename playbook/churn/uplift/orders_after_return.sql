-- One row: how customers went on who came back by themselves after a silence of more than $lapsed_days.
-- A return counts where the data covers $value_days from its day on; `orders` and its spread include the returning order.
with days as (
  select customer_id, day from purchases where kind = 'purchase' group by customer_id, day
),
steps as (
  select customer_id, day, lag(day) over (partition by customer_id order by day) as day_before from days
),
returns as (
  select customer_id, day as returned_on
  from steps
  where date_diff('day', day_before, day) > $lapsed_days and date_diff('day', day, $as_of) >= $value_days - 1
),
went_on as (
  select r.customer_id, r.returned_on, count(*) as orders
  from returns as r
  join days as d on d.customer_id = r.customer_id and d.day >= r.returned_on
  where date_diff('day', r.returned_on, d.day) < $value_days
  group by r.customer_id, r.returned_on
)
select
  count(*) as returns,
  avg(cast(orders as double)) as orders,
  sum(cast(orders * orders as double)) as squares
from went_on
