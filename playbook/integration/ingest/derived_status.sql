-- One row per order line of files that carry their orders: lines of one order that name two customers are set aside.
with holders as (
  select f.source, l.order_id, count(distinct l.holder) as holders
  from lines as l
  join files as f on f.file_no = l.file_no
  join line_status as t on t.file_no = l.file_no and t.row_no = l.row_no
  where t.status = 'accepted'
  group by f.source, l.order_id
)
select
  l.file_no, l.row_no, t.occurrence,
  case when t.status = 'accepted' and h.holders > 1 then 'quarantined' else t.status end as status,
  case when t.status = 'accepted' and h.holders > 1 then 'two_customers' else t.reason end as reason
from lines as l
join files as f on f.file_no = l.file_no
join line_status as t on t.file_no = l.file_no and t.row_no = l.row_no
left join holders as h on h.source = f.source and h.order_id = l.order_id
