-- One row: the buyers, their revenue, and the Gini coefficient of their spend (0: all alike; 1: one has everything).
with ranked as (
  select monetary, row_number() over (order by monetary desc, customer_id) as place
  from summary
  where orders_ever > 0 and not is_internal
)
select
  count(*) as buyers,
  coalesce(sum(monetary), 0) as revenue,
  (count(*) + 1 - 2 * cast(sum(place * monetary) as double) / nullif(cast(sum(monetary) as double), 0))
    / nullif(count(*), 0) as gini
from ranked
