-- One row per order, return, top-up or redemption, with the customer it belongs to.
-- Orders without a number of their own are named by customer, time, amount and the occurrence among equal ones.
with headed as (
  select
    source, key_source, holder, order_id, related_order_id, ordered_at, kind, amount, discount, channel, store, occurrence
  from orders
  union all
  select
    source, key_source, holder, order_id, related_order_id, ordered_at, kind, amount, discount, channel, store,
    1 as occurrence
  from derived
),
summed as (
  select source, order_id, sum(amount) as amount
  from lines
  where not carries_orders
  group by source, order_id
),
owned as (
  select
    h.source, h.ordered_at, h.kind, h.discount, h.channel, h.store,
    h.order_id as number, h.related_order_id as related_number,
    p.customer_id, h.key_source, p.source_key,
    coalesce(h.amount, s.amount) as amount,
    concat_ws('|', h.source, coalesce(p.source_key, ''), cast(h.ordered_at as varchar), cast(h.amount as varchar),
      cast(h.occurrence as varchar)) as description
  from headed as h
  left join record_to_customer as p on p.source = h.key_source and p.record_key = h.holder
  left join summed as s on s.source = h.source and s.order_id = h.order_id
),
named as (
  select
    *,
    case
      when number is null then concat('x', substring(sha256(description), 1, 16))
      when $several_sources then concat(source, ':', number)
      else number
    end as order_id
  from owned
),
elsewhere as (
  select number, min(order_id) as order_id
  from named
  where number is not null
  group by number
  having count(*) = 1
)
select
  n.order_id,
  case
    when n.related_number is null then null
    when $several_sources then coalesce(o.order_id, e.order_id, concat(n.source, ':', n.related_number))
    else n.related_number
  end as related_order_id,
  n.customer_id, n.ordered_at, n.kind,
  case when n.kind = 'return' then -abs(n.amount) else n.amount end as amount,
  n.discount, n.channel, n.store, n.source, n.number, n.key_source, n.source_key
from named as n
left join named as o on o.source = n.source and o.number = n.related_number
left join elsewhere as e on e.number = n.related_number and o.order_id is null
