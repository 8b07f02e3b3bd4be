-- One row per order that may be counted: its source and its day.
select f.source, o.day
from orders as o
join files as f on f.file_no = o.file_no
where o.excluded is null and not o.is_fatal
union all
select l.source, l.day
from (
  select f.source, r.order_id, min(r.day) as day
  from lines as r
  join files as f on f.file_no = r.file_no
  where r.excluded is null and not r.is_fatal and f.carries_orders
  group by f.source, r.order_id
) as l
