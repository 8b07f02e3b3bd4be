-- One row per order that counts, by day (days since 1970): the customer's number, whether it is an order of its own, and
-- its amount in cents.
select
  p.no,
  cast(date_diff('day', date '1970-01-01', c.day) as integer) as day,
  cast(c.purchases as integer) as purchases,
  cast(c.amount * 100 as bigint) as cents
from counted as c
join people as p on p.customer_id = c.customer_id
order by day
