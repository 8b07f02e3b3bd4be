-- One row per source of lines beside a file of orders: lines whose order is not in the data, and the money on them.
select
  f.source,
  count(*) as checked,
  sum(case when t.reason = 'line_without_order' then 1 else 0 end) as failed,
  sum(case when t.reason = 'line_without_order' then l.amount else 0 end) as money
from lines as l
join files as f on f.file_no = l.file_no
join row_status as t on t.file_no = l.file_no and t.row_no = l.row_no
where not f.carries_orders and t.status in ('accepted', 'quarantined')
group by f.source
