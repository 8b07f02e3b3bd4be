-- One row per customer who bought up to $as_of: the history that the models read.
-- One purchase per customer and day. The first purchase stands apart: `frequency` counts the later days, `monetary` is
-- the mean of their values. What a customer returned is taken off all their purchases alike, so that an order sent back
-- whole is worth nothing. Times in units of $unit_days; `log_gaps` is the sum of the logarithms of all gaps between
-- purchase days.
with purchase_days as (
  select customer_id, day, sum(amount) as amount
  from purchases
  where kind = 'purchase'
  group by customer_id, day
),
corrections as (
  select customer_id, sum(amount) as amount from purchases where kind <> 'purchase' group by customer_id
),
steps as (
  select
    customer_id, day, amount,
    lag(day) over (partition by customer_id order by day) as day_before
  from purchase_days
),
histories as (
  select
    customer_id,
    min(day) as first_on,
    max(day) as last_on,
    count(day_before) as frequency,
    sum(case when day_before is null then amount end) as first_value,
    sum(case when day_before is not null then amount end) as repeat_value,
    round(sum(ln(cast(date_diff('day', day_before, day) as double) / $unit_days)), 9) as log_gaps
  from steps
  group by customer_id
),
kept as (
  select
    h.*,
    greatest(
      0, 1 + cast(coalesce(c.amount, 0) as double) / nullif(cast(first_value + coalesce(repeat_value, 0) as double), 0)
    ) as share
  from histories as h
  left join corrections as c on c.customer_id = h.customer_id
)
select
  customer_id,
  first_on,
  last_on,
  frequency,
  cast(date_diff('day', first_on, last_on) as double) / $unit_days as recency,
  cast(date_diff('day', first_on, $as_of) as double) / $unit_days as observed,
  coalesce(cast(first_value as double) * share, 0) as first_value,
  coalesce(cast(repeat_value as double) * share / nullif(frequency, 0), 0) as monetary,
  coalesce(log_gaps, 0) as log_gaps
from kept
order by customer_id
