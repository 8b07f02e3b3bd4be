-- One row per customer with a contract begun up to $as_of: periods begun, the last one's amount and length in days, and
-- whether it ended. A last period that is marked as not renewed has ended, though its days still run.
with periods as (
  select
    customer_id, started_on, ends_on, renewed, amount,
    row_number() over (partition by customer_id order by started_on desc, contract_id desc) as back,
    count(*) over (partition by customer_id) as periods,
    min(started_on) over (partition by customer_id) as first_on
  from contracts
  where customer_id is not null and started_on <= $as_of
)
select
  p.customer_id,
  p.first_on,
  p.started_on as last_on,
  p.periods,
  cast(coalesce(p.amount, 0) as double) as amount,
  not coalesce(p.renewed, p.ends_on is null or p.ends_on > $as_of) as ended,
  date_diff('day', p.started_on, p.ends_on) as days
from periods as p
left join (select customer_id from customers where is_internal) as i on i.customer_id = p.customer_id
where p.back = 1 and i.customer_id is null
order by p.customer_id
