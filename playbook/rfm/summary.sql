-- One row per customer, those who never bought included: how recently, how often and for how much they bought.
-- `frequency` and `monetary` look back to $window_start; everything else over the whole history up to $as_of.
with behaviour as (
  select
    customer_id,
    min(case when kind = 'purchase' then day end) as first_ordered_on,
    max(case when kind = 'purchase' then day end) as last_ordered_on,
    count(case when kind = 'purchase' then 1 end) as orders_ever,
    count(case when kind = 'purchase' and day >= $window_start then 1 end) as frequency,
    cast(sum(case when day >= $window_start then amount end) as decimal(18, 2)) as monetary
  from purchases
  where day <= $as_of
  group by customer_id
)
select
  coalesce(c.customer_id, b.customer_id) as customer_id,
  b.first_ordered_on,
  date_diff('day', b.last_ordered_on, $as_of) as recency_days,
  coalesce(b.frequency, 0) as frequency,
  coalesce(b.monetary, 0) as monetary,
  coalesce(b.orders_ever, 0) as orders_ever,
  date_diff('day', b.first_ordered_on, $as_of) as days_since_first,
  coalesce(c.is_internal, false) as is_internal
from behaviour as b
full join customers as c on c.customer_id = b.customer_id
