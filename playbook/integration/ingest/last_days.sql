-- One row per source of orders: its first day, its last plausible day, and the orders of a usual and of that last day.
-- A few orders far beyond a silence are typing errors, not the present.
with daily as (
  select source, day, count(*) as orders
  from dated
  where day is not null
  group by source, day
),
typical as (
  select source, median(orders) as usual_orders, sum(orders) as all_orders
  from daily
  group by source
),
spaced as (
  select
    source, day, orders,
    date_diff('day', lag(day) over (partition by source order by day), day) as gap_days,
    sum(orders) over (partition by source order by day rows between current row and unbounded following) as orders_from,
    count(*) over (partition by source order by day rows between current row and unbounded following) as days_from
  from daily
),
usual_gap as (
  select source, median(gap_days) as gap_days
  from spaced
  group by source
),
beyond as (
  select s.source, min(s.day) as first_beyond
  from spaced as s
  join typical as t on t.source = s.source
  join usual_gap as g on g.source = s.source
  where (s.gap_days > 14 and s.gap_days > 10 * g.gap_days and s.orders_from <= 0.2 * t.usual_orders * s.days_from)
    or (s.gap_days > 180 and s.gap_days > 10 * g.gap_days and s.orders_from <= greatest(1, 0.005 * t.all_orders))
  group by s.source
),
plausible as (
  select d.source, d.day, d.orders
  from daily as d
  left join beyond as b on b.source = d.source
  where b.first_beyond is null or d.day < b.first_beyond
),
ends as (
  select source, min(day) as first_day, max(day) as last_day
  from plausible
  group by source
)
select
  e.source, e.first_day, e.last_day,
  p.orders as last_day_orders,
  t.usual_orders,
  t.all_orders
from ends as e
join plausible as p on p.source = e.source and p.day = e.last_day
join typical as t on t.source = e.source
