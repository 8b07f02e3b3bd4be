-- One row per origin and customer with a contract that ran on it: days left where known, periods, amount, age, units.
-- `contracts` are the periods as each origin knew them.
with running as (
  select
    origin, customer_id, started_on, ends_on, amount, units,
    row_number() over (partition by origin, customer_id order by started_on desc, contract_id desc) as back,
    count(*) over (partition by origin, customer_id) as contracts
  from contracts
  where customer_id is not null and (ends_on is null or ends_on >= origin)
),
past as (
  select origin, customer_id, count(*) as periods, min(started_on) as first_on
  from contracts
  where customer_id is not null
  group by origin, customer_id
)
select
  r.origin,
  r.customer_id,
  date_diff('day', r.origin, r.ends_on) as contract_days_left,
  date_diff('day', r.started_on, r.origin) as contract_days,
  date_diff('day', p.first_on, r.origin) as contract_tenure_days,
  p.periods as contract_periods,
  r.contracts as contracts_running,
  cast(r.amount as double) as contract_amount,
  r.units as contract_units
from running as r
join past as p on p.origin = r.origin and p.customer_id = r.customer_id
left join (select customer_id from customers where is_internal) as i on i.customer_id = r.customer_id
where r.back = 1 and i.customer_id is null
order by r.origin, r.customer_id
