-- One row per month: the revenue of customers who bought for the first time in that month, and of those who had before.
with firsts as (
  select customer_id, min(day) as first_on from purchases where kind = 'purchase' group by customer_id
)
select
  cast(date_trunc('month', c.day) as date) as month,
  sum(case when date_trunc('month', f.first_on) = date_trunc('month', c.day) then c.amount else 0 end) as new_revenue,
  sum(case when date_trunc('month', f.first_on) < date_trunc('month', c.day) then c.amount else 0 end)
    as returning_revenue,
  count(distinct case when date_trunc('month', f.first_on) = date_trunc('month', c.day) then c.customer_id end)
    as new_buyers,
  count(distinct case when date_trunc('month', f.first_on) < date_trunc('month', c.day) then c.customer_id end)
    as returning_buyers
from purchases as c
join firsts as f on f.customer_id = c.customer_id
where c.day <= $as_of
group by cast(date_trunc('month', c.day) as date)
order by month
