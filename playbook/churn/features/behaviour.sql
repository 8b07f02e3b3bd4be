-- One row per origin and customer who had bought by then: how recently, how often, how evenly and for how much.
-- An order of $w1 days counts from the origin back, the day itself included; `_before` is the same time one window earlier.
with days as (
  select o.origin, s.customer_id, s.day, max(case when s.kind = 'purchase' then 1 else 0 end) as bought,
    sum(s.amount) as amount
  from purchases as s
  join origins as o on s.day <= o.origin and coalesce(s.origin, o.origin) = o.origin
  group by o.origin, s.customer_id, s.day
),
aged as (
  select
    origin, customer_id, amount, bought, day,
    date_diff('day', day, origin) as age,
    case
      when bought = 1 then date_diff('day', lag(day) over (partition by origin, customer_id, bought order by day), day)
    end as gap
  from days
)
select
  origin,
  customer_id,
  min(case when bought = 1 then day end) as first_on,
  max(case when bought = 1 then day end) as last_on,
  min(case when bought = 1 then age end) as recency_days,
  max(case when bought = 1 then age end) as tenure_days,
  sum(bought) as orders_ever,
  sum(case when age < $w1 then bought else 0 end) as orders_1,
  sum(case when age < $w2 then bought else 0 end) as orders_2,
  sum(case when age < $w3 then bought else 0 end) as orders_3,
  sum(case when age < $w4 then bought else 0 end) as orders_4,
  sum(case when age >= $w1 and age < 2 * $w1 then bought else 0 end) as orders_1_before,
  sum(case when age >= $w2 and age < 2 * $w2 then bought else 0 end) as orders_2_before,
  sum(case when age >= $w3 and age < 2 * $w3 then bought else 0 end) as orders_3_before,
  cast(sum(amount) as double) as value_ever,
  cast(sum(case when age < $w1 then amount else 0 end) as double) as value_1,
  cast(sum(case when age < $w2 then amount else 0 end) as double) as value_2,
  cast(sum(case when age < $w3 then amount else 0 end) as double) as value_3,
  cast(sum(case when age < $w4 then amount else 0 end) as double) as value_4,
  cast(sum(case when age >= $w2 and age < 2 * $w2 then amount else 0 end) as double) as value_2_before,
  cast(sum(case when age >= $w3 and age < 2 * $w3 then amount else 0 end) as double) as value_3_before,
  avg(gap) as gap_mean,
  avg(gap * gap) as gap_square,
  max(gap) as gap_longest,
  coalesce(round(sum(ln(gap)), 9), 0) as log_gaps
from aged
group by origin, customer_id
having max(bought) = 1
