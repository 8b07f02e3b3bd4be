-- One row per customer and month-end: the summary as it stood on that day, for all month-ends in one pass.
-- An order enters the window at one month-end and leaves it at another (`calendar`, by day), so a customer's figures are
-- running sums over these few moves; between two moves nothing changes but the days that pass.
with moves as (
  select
    c.customer_id,
    d.enters as step,
    case when d.leaves > d.enters then c.purchases else 0 end as frequency,
    case when d.leaves > d.enters then c.amount else 0 end as monetary,
    c.purchases as orders_ever,
    case when c.purchases = 1 then c.day end as bought_on
  from counted as c
  join calendar as d on d.day = c.day
  union all
  select c.customer_id, d.leaves, -c.purchases, -c.amount, 0, null
  from counted as c
  join calendar as d on d.day = c.day
  where d.leaves > d.enters and d.leaves < $steps
  union all
  select
    c.customer_id,
    coalesce(d.enters, case when c.registered_on < $first_day then 0 else $steps - 1 end),
    0, 0, 0, null
  from customers as c
  left join calendar as d on d.day = c.registered_on
),
changes as (
  select
    customer_id, step,
    sum(frequency) as frequency, sum(monetary) as monetary, sum(orders_ever) as orders_ever,
    min(bought_on) as first_on, max(bought_on) as last_on
  from moves
  group by customer_id, step
),
states as (
  select
    customer_id, step,
    lead(step, 1, $steps) over (partition by customer_id order by step) as until,
    sum(frequency) over running as frequency,
    sum(monetary) over running as monetary,
    sum(orders_ever) over running as orders_ever,
    min(first_on) over running as first_ordered_on,
    max(last_on) over running as last_ordered_on
  from changes
  window running as (partition by customer_id order by step rows between unbounded preceding and current row)
)
select
  m.as_of,
  s.customer_id,
  s.first_ordered_on,
  date_diff('day', s.last_ordered_on, m.as_of) as recency_days,
  s.frequency,
  s.monetary,
  s.orders_ever,
  date_diff('day', s.first_ordered_on, m.as_of) as days_since_first,
  i.customer_id is not null as is_internal
from states as s
join month_ends as m on m.step >= s.step and m.step < s.until
left join (select customer_id from customers where is_internal) as i on i.customer_id = s.customer_id
