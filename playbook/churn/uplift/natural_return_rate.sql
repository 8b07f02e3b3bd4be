-- One row: of the customers who were lapsed $horizon_days before $as_of, how many bought since, contacted or not.
with buyers as (
  select
    customer_id,
    max(case when date_diff('day', day, $as_of) >= $horizon_days then day end) as last_on,
    count(case when date_diff('day', day, $as_of) < $horizon_days then 1 end) as bought_since
  from purchases
  where kind = 'purchase'
  group by customer_id
)
select
  count(*) as lapsed,
  count(case when bought_since > 0 then 1 end) as returned
from buyers
where date_diff('day', last_on, $as_of) - $horizon_days >= $lapsed_days
