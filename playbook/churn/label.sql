-- One row per origin and customer who bought within $horizon days after it: when first.
select o.origin, c.customer_id, min(c.day) as returned_on
from counted as c
join origins as o on c.day > o.origin and date_diff('day', o.origin, c.day) <= $horizon
where c.purchases = 1
group by o.origin, c.customer_id
order by o.origin, c.customer_id
