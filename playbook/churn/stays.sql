-- One row per customer who bought by $as_of: when first, when last, and the purchase after which they first were silent
-- for more than $horizon days, whether they came back later or not (null: never so far).
with days as (
  select distinct customer_id, day from purchases where kind = 'purchase'
),
followed as (
  select
    customer_id,
    day,
    date_diff('day', day, coalesce(lead(day) over (partition by customer_id order by day), $as_of)) as silence
  from days
)
select
  customer_id,
  min(day) as first_on,
  max(day) as last_on,
  min(case when silence > $horizon then day end) as lapsed_on
from followed
group by customer_id
order by customer_id
