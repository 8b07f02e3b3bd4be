-- One row per week since $since, counted from 1: purchase days of repeat buyers, the first purchase of each left out.
with days as (
  select distinct p.customer_id, p.day, h.first_on
  from purchases as p
  join histories as h on h.customer_id = p.customer_id
  where p.kind = 'purchase'
)
select
  cast(floor((date_diff('day', $since, day) - 1) / 7) as bigint) + 1 as week,
  count(*) as purchases
from days
where day > first_on and day > $since
group by cast(floor((date_diff('day', $since, day) - 1) / 7) as bigint) + 1
order by week
