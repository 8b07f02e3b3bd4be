-- One row per customer and month-end: the summary as it stood on that day, for all month-ends in one pass.
-- An order enters the window at one month-end and leaves it at another (`calendar`, by day), so a customer's figures are
-- running sums over these few moves; between two moves nothing changes but the days that pass. Customers go by a number
-- on the way, because numbers are grouped and sorted faster than texts.
with people as (
  select customer_id, cast(row_number() over (order by customer_id) as integer) as number
  from (select customer_id from counted union select customer_id from customers)
),
placed as (
  select p.number, d.enters, d.leaves, c.day, cast(c.purchases as integer) as purchases, c.amount
  from counted as c
  join people as p on p.customer_id = c.customer_id
  join calendar as d on d.day = c.day
),
moves as (
  select
    number,
    enters as step,
    case when leaves > enters then purchases else 0 end as frequency,
    case when leaves > enters then amount else 0 end as monetary,
    purchases as orders_ever,
    case when purchases = 1 then day end as bought_on
  from placed
  union all
  select number, leaves, -purchases, -amount, 0, null
  from placed
  where leaves > enters and leaves < $steps
  union all
  select
    p.number,
    coalesce(d.enters, case when c.registered_on < $first_day then 0 else $steps - 1 end),
    0, 0, 0, null
  from customers as c
  join people as p on p.customer_id = c.customer_id
  left join calendar as d on d.day = c.registered_on
),
changes as (
  select
    number, step,
    sum(frequency) as frequency, cast(sum(monetary) as decimal(18, 2)) as monetary, sum(orders_ever) as orders_ever,
    min(bought_on) as first_on, max(bought_on) as last_on
  from moves
  group by number, step
),
states as (
  select
    number, step,
    lead(step, 1, $steps) over (partition by number order by step) as until,
    cast(sum(frequency) over running as integer) as frequency,
    cast(sum(monetary) over running as decimal(18, 2)) as monetary,
    cast(sum(orders_ever) over running as integer) as orders_ever,
    min(first_on) over running as first_ordered_on,
    max(last_on) over running as last_ordered_on
  from changes
  window running as (partition by number order by step rows between unbounded preceding and current row)
)
select
  m.as_of,
  p.customer_id,
  s.first_ordered_on,
  date_diff('day', s.last_ordered_on, m.as_of) as recency_days,
  s.frequency,
  s.monetary,
  s.orders_ever,
  date_diff('day', s.first_ordered_on, m.as_of) as days_since_first,
  i.customer_id is not null as is_internal
from states as s
join month_ends as m on m.step >= s.step and m.step < s.until
join people as p on p.number = s.number
left join (select customer_id from customers where is_internal) as i on i.customer_id = p.customer_id
