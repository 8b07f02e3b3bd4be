-- One row: of the customers who were lapsed $horizon_days before $as_of, how many bought since, recalled or not.
with bought as (
  select o.customer_id, o.day
  from counted as o
  left join (select customer_id from customers where is_internal) as i on i.customer_id = o.customer_id
  where o.purchases = 1 and i.customer_id is null
),
people as (
  select
    customer_id,
    max(case when date_diff('day', day, $as_of) >= $horizon_days then day end) as last_on,
    count(case when date_diff('day', day, $as_of) < $horizon_days then 1 end) as bought_since
  from bought
  group by customer_id
)
select
  count(*) as lapsed,
  count(case when bought_since > 0 then 1 end) as returned
from people
where date_diff('day', last_on, $as_of) - $horizon_days >= $lapsed_days
