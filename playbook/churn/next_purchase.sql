-- One row per customer who had bought by $since: when they next did, up to $as_of (null: not yet).
select customer_id, min(case when day > $since then day end) as next_on
from purchases
where kind = 'purchase' and day <= $as_of
group by customer_id
having min(day) <= $since
order by customer_id
