-- One row per source that gives orders and their lines apart: orders whose lines sum to another amount, and by how much.
with summed as (
  select order_id, sum(amount) as amount
  from lines
  group by order_id
  having count(amount) = count(*)
)
select
  o.source,
  count(*) as checked,
  sum(case when abs(o.amount - s.amount) >= 0.01 then 1 else 0 end) as failed,
  sum(abs(o.amount - s.amount)) as money
from orders as o
join summed as s on s.order_id = o.order_id
where o.source in (select source from apart)
group by o.source
