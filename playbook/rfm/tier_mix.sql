-- One row per tier and value of a trait (channel, category, store): purchases, revenue, and the share of the tier's revenue.
with bought as (
  select r.tier, t.trait, count(*) as purchases, sum(t.amount) as revenue
  from traits as t
  join rfm as r on r.customer_id = t.customer_id
  group by r.tier, t.trait
)
select
  tier,
  trait,
  purchases,
  revenue,
  cast(revenue as double) / nullif(sum(revenue) over (partition by tier), 0) as share
from bought
order by tier, revenue desc, trait
