-- One row per origin and customer who bought within $horizon days after it: when first.
select o.origin, p.customer_id, min(p.day) as returned_on
from purchases as p
join origins as o on p.day > o.origin and date_diff('day', o.origin, p.day) <= $horizon
where p.kind = 'purchase'
group by o.origin, p.customer_id
order by o.origin, p.customer_id
