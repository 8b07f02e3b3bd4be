-- One row per hundredth of the buyers, from the smallest spend to the largest: the share of all buyers so far, and the
-- share of revenue they bring.
with ranked as (
  select
    monetary,
    row_number() over (order by monetary, customer_id) as place,
    count(*) over () as buyers
  from summary
  where orders_ever > 0 and not is_internal
),
hundredths as (
  select ceil(place * 100.0 / buyers) as hundredth, count(*) as buyers, sum(monetary) as revenue
  from ranked
  group by ceil(place * 100.0 / buyers)
),
so_far as (
  select
    hundredth,
    sum(buyers) over (order by hundredth) as buyers,
    sum(revenue) over (order by hundredth) as revenue,
    sum(buyers) over () as all_buyers,
    sum(revenue) over () as all_revenue
  from hundredths
)
select
  cast(buyers as double) / all_buyers as customers_share,
  cast(revenue as double) / nullif(cast(all_revenue as double), 0) as revenue_share
from so_far
order by hundredth
