-- One row per tier of the profile, in its order: its customers, what they spend in the window, how they buy.
-- Shares leave out the tiers apart: internal accounts, and people who never bought.
with tiered as (
  select
    t.place, t.tier, t.apart,
    count(r.customer_id) as customers,
    coalesce(sum(r.monetary), 0) as revenue,
    sum(r.frequency) as orders,
    avg(case when r.orders_ever > 0 then case when r.orders_ever > 1 then 1.0 else 0.0 end end) as repeat_rate,
    median(r.recency_days) as recency_days
  from tiers as t
  left join rfm as r on r.tier = t.tier
  group by t.place, t.tier, t.apart
)
select
  tier,
  customers,
  case when not apart then customers / nullif(cast(sum(case when not apart then customers end) over () as double), 0) end
    as customers_share,
  revenue,
  case when not apart then
    cast(revenue as double) / nullif(cast(sum(case when not apart then revenue end) over () as double), 0)
  end as revenue_share,
  repeat_rate,
  cast(revenue as double) / nullif(orders, 0) as average_order,
  recency_days
from tiered
order by place
