-- One row per order that only its lines tell of: its time is the first line's, its amount the sum of the rounded lines.
with summed as (
  select
    source, key_source, order_id,
    min(holder) as holder,
    min(related_order_id) as related_order_id,
    min(ordered_at) as ordered_at,
    min(kind) as least_kind,
    max(kind) as greatest_kind,
    count(kind) as declared,
    count(*) as lines,
    sum(amount) as amount,
    sum(discount) as discount,
    min(channel) as channel,
    min(store) as store
  from lines
  where carries_orders
  group by source, key_source, order_id
)
select
  source, key_source, order_id, holder, related_order_id, ordered_at,
  case
    when declared = lines and least_kind = greatest_kind then least_kind
    when amount < 0 then 'return'
    else 'purchase'
  end as kind,
  amount, discount, channel, store
from summed
