-- One row per customer who bought after $since and up to $until: purchase days, and their value net of returns.
select
  customer_id,
  count(distinct case when kind = 'purchase' then day end) as purchases,
  cast(sum(amount) as double) as value
from purchases
where day > $since and day <= $until
group by customer_id
order by customer_id
