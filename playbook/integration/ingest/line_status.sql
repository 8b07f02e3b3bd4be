-- One row per order line read from a file beside a file of orders: a line shares the status of its order.
with keyed as (
  select f.source, o.order_id, t.status, t.reason
  from orders as o
  join files as f on f.file_no = o.file_no
  join order_statuses as t on t.file_no = o.file_no and t.row_no = o.row_no
),
order_status as (
  select
    source, order_id,
    max(case when status = 'accepted' then 1 else 0 end) as is_accepted,
    max(case when status = 'future_dated' then 1 else 0 end) as is_future_dated,
    max(case when status = 'excluded' then reason end) as excluded
  from keyed
  where order_id is not null
  group by source, order_id
)
select
  l.file_no, l.row_no, t.occurrence,
  case
    when t.status in ('excluded', 'quarantined', 'duplicate') then t.status
    when o.order_id is null then 'quarantined'
    when o.is_accepted = 1 then t.status
    when o.is_future_dated = 1 then 'future_dated'
    when o.excluded is not null then 'excluded'
    else 'quarantined'
  end as status,
  case
    when t.status in ('excluded', 'quarantined', 'duplicate') then t.reason
    when o.order_id is null then 'line_without_order'
    when o.is_accepted = 1 or o.is_future_dated = 1 then t.reason
    when o.excluded is not null then o.excluded
    else 'order_quarantined'
  end as reason
from lines as l
join files as f on f.file_no = l.file_no
join line_status as t on t.file_no = l.file_no and t.row_no = l.row_no
left join order_status as o on o.source = f.source and o.order_id = l.order_id
