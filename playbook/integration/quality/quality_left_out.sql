-- One row per source, status and reason of the orders that were left out: how many rows, and the money they hold.
with moved as (
  select file_no, row_no, kind, amount, false as is_line from orders
  union all
  select file_no, row_no, kind, amount, true as is_line from lines
)
select
  f.source, t.status, t.reason, count(*) as rows,
  sum(case when m.kind = 'return' then -abs(m.amount) else m.amount end) as money
from moved as m
join row_status as t on t.file_no = m.file_no and t.row_no = m.row_no
join files as f on f.file_no = m.file_no
where t.status in ('quarantined', 'duplicate') and (f.carries_orders or not m.is_line)
group by f.source, t.status, t.reason
