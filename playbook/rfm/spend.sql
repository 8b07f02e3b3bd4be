-- One row: the average buyer of the window, and what the average hides.
with buyers as (
  select frequency, monetary from summary where frequency > 0 and not is_internal
),
average as (
  select
    count(*) as buyers,
    sum(frequency) as orders,
    sum(monetary) as revenue,
    avg(monetary) as mean,
    avg(case when frequency = 1 then 1.0 else 0.0 end) as once,
    median(monetary) as median
  from buyers
)
select
  a.buyers,
  a.orders,
  a.revenue,
  cast(a.mean as double) as mean,
  cast(a.median as double) as median,
  cast(a.revenue as double) / nullif(a.orders, 0) as average_order,
  cast((select count(*) from buyers as b cross join average as x where b.monetary < x.mean) as double)
    / nullif(a.buyers, 0) as below_mean,
  a.once
from average as a
