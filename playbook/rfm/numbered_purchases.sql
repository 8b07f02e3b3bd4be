-- One row per purchase, return or instalment, by day (days since 1970): the customer's number, whether it is an order of
-- its own (1 or 0), and its amount in cents.
select
  n.no,
  cast(date_diff('day', date '1970-01-01', p.day) as integer) as day,
  case when p.kind = 'purchase' then cast(1 as integer) else cast(0 as integer) end as purchases,
  cast(p.amount * 100 as bigint) as cents
from purchases as p
join numbered as n on n.customer_id = p.customer_id
order by day
