-- One row per asked share of buyers: how much of the revenue the best of them bring. Between two buyers the revenue of
-- the one who is cut is divided, so that the figure does not jump.
with ranked as (
  select
    monetary,
    row_number() over (order by monetary desc, customer_id) as place,
    sum(monetary) over (order by monetary desc, customer_id rows between unbounded preceding and current row) as so_far
  from summary
  where orders_ever > 0 and not is_internal
),
total as (
  select count(*) as buyers, sum(monetary) as revenue from ranked
),
asked as (
  select s.share, s.share * t.buyers as wanted, cast(ceil(s.share * t.buyers) as integer) as place, t.revenue
  from shares as s cross join total as t
)
select
  a.share,
  a.place as buyers,
  (r.so_far - r.monetary * (a.place - a.wanted)) / nullif(a.revenue, 0) as revenue_share
from asked as a
join ranked as r on r.place = a.place
order by a.share
