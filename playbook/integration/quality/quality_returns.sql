-- One row per source that says what its returns belong to: returns without their purchase, and those above its amount.
with returned as (
  select source, related_order_id, count(*) as returns, sum(abs(amount)) as money
  from orders
  where kind = 'return' and related_order_id is not null
  group by source, related_order_id
)
select
  r.source,
  sum(r.returns) as checked,
  sum(case when o.order_id is null then r.returns else 0 end) as orphans,
  sum(case when o.order_id is null then r.money else 0 end) as orphan_money,
  sum(case when o.order_id is not null then r.returns else 0 end) as compared,
  sum(case when r.money > o.amount + 0.01 then 1 else 0 end) as larger,
  sum(case when r.money > o.amount + 0.01 then r.money - o.amount else 0 end) as larger_money
from returned as r
left join orders as o on o.order_id = r.related_order_id and o.kind <> 'return'
group by r.source
