-- One row per origin and customer who still had a contract $horizon days after it, or began one within $grace days more.
select o.origin, c.customer_id
from contracts as c
join origins as o on date_diff('day', o.origin, c.started_on) <= $horizon + $grace
where c.customer_id is not null
  and (
    c.ends_on is null
    or date_diff('day', o.origin, c.ends_on) > $horizon
    or (coalesce(c.renewed, false) and date_diff('day', o.origin, c.ends_on) >= $horizon - $grace)
  )
group by o.origin, c.customer_id
order by o.origin, c.customer_id
