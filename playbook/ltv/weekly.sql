-- One row per week since $since, counted from 1: purchase days of repeat buyers, the first purchase of each left out.
with days as (
  select distinct c.customer_id, c.day, i.first_on
  from counted as c
  join inputs as i on i.customer_id = c.customer_id
  where c.purchases = 1
)
select
  cast(floor((date_diff('day', $since, day) - 1) / 7) as bigint) + 1 as week,
  count(*) as purchases
from days
where day > first_on and day > $since
group by cast(floor((date_diff('day', $since, day) - 1) / 7) as bigint) + 1
order by week
