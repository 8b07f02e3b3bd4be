-- One row per customer who had bought by $since: when they last did by then, when they next bought, in days.
select
  customer_id,
  min(day) as first_on,
  max(case when day <= $since then day end) as last_on,
  min(case when day > $since then day end) as next_on
from counted
where purchases = 1 and day <= $as_of
group by customer_id
having min(day) <= $since
order by customer_id
