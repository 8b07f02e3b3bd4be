-- One row per month in which a source's median order became about a hundred times, or a hundredth, of the month before.
with monthly as (
  select source, date_trunc('month', ordered_at) as month, median(amount) as middle
  from orders
  where kind = 'purchase' and amount > 0
  group by source, date_trunc('month', ordered_at)
  having count(*) >= $enough
),
followed as (
  select source, month, middle, lag(middle) over (partition by source order by month) as before
  from monthly
)
select source, cast(month as date) as month, before, middle
from followed
where middle between 50 * before and 200 * before or before between 50 * middle and 200 * middle
order by source, month
