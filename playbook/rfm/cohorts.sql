-- One row per month of first purchase and number of months since: how many of that month's new customers bought then.
-- The month of the first purchase itself (months_since 0) counts everybody; months that are not over by $as_of are left out.
with buys as (
  select distinct customer_id, cast(date_trunc('month', day) as date) as month
  from purchases
  where kind = 'purchase'
),
firsts as (
  select customer_id, min(month) as cohort from buys group by customer_id
),
sizes as (
  select cohort, count(*) as customers from firsts group by cohort
)
select
  f.cohort,
  date_diff('month', f.cohort, b.month) as months_since,
  s.customers,
  count(*) as buyers,
  cast(count(*) as double) / s.customers as share
from buys as b
join firsts as f on f.customer_id = b.customer_id
join sizes as s on s.cohort = f.cohort
where b.month <= $last_month
group by f.cohort, date_diff('month', f.cohort, b.month), s.customers
order by f.cohort, months_since
