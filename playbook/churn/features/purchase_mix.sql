-- One row per origin and customer with an order in the $days up to it: channels, discounts, returns, categories.
with visible as (
  select
    o.origin, r.customer_id, r.order_id, r.kind,
    coalesce(r.channel, '') as channel,
    coalesce(r.amount, 0) as amount,
    coalesce(r.discount, 0) as discount
  from orders as r
  join origins as o
    on cast(r.ordered_at as date) <= o.origin and date_diff('day', cast(r.ordered_at as date), o.origin) < $days
  where r.customer_id is not null and r.kind in ('purchase', 'redemption', 'return')
),
by_channel as (
  select
    origin, customer_id, channel,
    sum(case when kind = 'return' then 1 else 0 end) as returns,
    sum(case when kind = 'return' then -amount else 0 end) as returned,
    sum(case when kind = 'return' then 0 else amount end) as paid,
    sum(case when kind = 'return' then 0 else discount end) as discount,
    max(case when kind = 'return' or channel = '' then 0 else 1 end) as used
  from visible
  group by origin, customer_id, channel
),
totals as (
  select
    origin, customer_id,
    sum(used) as channels,
    sum(returns) as returns,
    cast(sum(returned) as double) / nullif(cast(sum(paid) as double), 0) as return_share,
    cast(sum(discount) as double) / nullif(cast(sum(paid + discount) as double), 0) as discount_share
  from by_channel
  group by origin, customer_id
),
named as (
  select v.origin, v.customer_id, l.category
  from visible as v
  join order_lines as l on l.order_id = v.order_id
  where v.kind <> 'return' and l.category is not null
  group by v.origin, v.customer_id, l.category
),
breadth as (
  select origin, customer_id, count(*) as categories from named group by origin, customer_id
)
select
  t.origin, t.customer_id, t.channels, t.returns, t.return_share, t.discount_share,
  coalesce(b.categories, 0) as categories
from totals as t
left join breadth as b on b.origin = t.origin and b.customer_id = t.customer_id
