-- One row per customer and month-end: the summary as it stood on that day. In the order of `snapshots`.
select
  date '1970-01-01' + day as as_of,
  customer_id,
  case when orders_ever > 0 then date '1970-01-01' + first_day end as first_ordered_on,
  case when orders_ever > 0 then day - last_day end as recency_days,
  frequency,
  cents * cast(0.01 as decimal(3, 2)) as monetary,
  orders_ever,
  case when orders_ever > 0 then day - first_day end as days_since_first,
  is_internal
from snapshots
