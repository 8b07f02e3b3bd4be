-- One row per source: its purchases and revenue, and the part that belongs to no known customer.
select
  source,
  count(*) as orders,
  count(*) - count(customer_id) as anonymous_orders,
  sum(amount) as revenue,
  coalesce(sum(case when customer_id is null then amount end), 0) as anonymous_revenue
from orders
where kind in ('purchase', 'redemption')
group by source
order by source
