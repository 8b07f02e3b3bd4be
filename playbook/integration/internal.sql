-- One row per customer and pattern of somebody who does not buy for themselves, unless that is known or settled:
-- the busiest day, what all its orders come to, and the record to name in a decision.
with bought as (
  select customer_id, cast(ordered_at as date) as day, store, source, amount
  from orders
  where customer_id is not null and kind in ('purchase', 'redemption')
),
days as (
  select customer_id, day, count(*) as purchases, count(distinct store) as stores
  from bought
  group by customer_id, day
),
busiest as (
  select customer_id, max(purchases) as purchases, max(stores) as stores
  from days
  group by customer_id
),
found as (
  select customer_id, 'purchases_a_day' as pattern, purchases as found, cast($purchases_a_day as bigint) as threshold
  from busiest
  where purchases >= cast($purchases_a_day as bigint)
  union all
  select customer_id, 'stores_a_day', stores, cast($stores_a_day as bigint)
  from busiest
  where stores >= cast($stores_a_day as bigint)
),
by_source as (
  select customer_id, source, count(*) as orders, sum(amount) as amount
  from bought
  group by customer_id, source
),
records as (
  select
    p.customer_id, p.source, p.source_key,
    row_number() over (
      partition by p.customer_id order by coalesce(b.orders, 0) desc, p.source, p.source_key
    ) as turn
  from record_to_customer as p
  join found as f on f.customer_id = p.customer_id
  left join by_source as b on b.customer_id = p.customer_id and b.source = p.source
  where not p.is_internal and not p.is_settled
),
totals as (
  select customer_id, sum(orders) as orders, sum(amount) as amount
  from by_source
  group by customer_id
)
select f.customer_id, f.pattern, f.found, f.threshold, r.source, r.source_key, t.orders, t.amount
from found as f
join records as r on r.customer_id = f.customer_id and r.turn = 1
join totals as t on t.customer_id = f.customer_id
