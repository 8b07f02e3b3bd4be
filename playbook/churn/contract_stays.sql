-- One row per customer with a contract begun by $as_of: the first day of the first, the last day known, and the day
-- after which there first was none for more than $grace days, whether one was begun later or not (null: never so far).
with periods as (
  select c.customer_id, c.started_on, coalesce(c.ends_on, date '9999-12-31') as ends_on
  from contracts as c
  left join (select customer_id from customers where is_internal) as i on i.customer_id = c.customer_id
  where c.customer_id is not null and c.started_on <= $as_of and i.customer_id is null
),
covered as (
  select
    customer_id,
    started_on,
    max(ends_on) over (
      partition by customer_id order by started_on, ends_on rows between unbounded preceding and current row
    ) as covered_to
  from periods
),
followed as (
  select
    customer_id,
    started_on,
    covered_to,
    date_diff(
      'day', covered_to,
      coalesce(lead(started_on) over (partition by customer_id order by started_on, covered_to), $as_of)
    ) as without
  from covered
)
select
  customer_id,
  min(started_on) as first_on,
  least(max(covered_to), $as_of) as last_on,
  min(case when without > $grace then covered_to end) as lapsed_on
from followed
group by customer_id
order by customer_id
