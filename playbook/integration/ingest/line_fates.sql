-- One row per order line read from a file beside a file of orders: a line shares the fate of its order.
with keyed as (
  select f.source, o.order_id, t.fate, t.reason
  from orders as o
  join files as f on f.file_no = o.file_no
  join order_fates as t on t.file_no = o.file_no and t.row_no = o.row_no
),
order_fate as (
  select
    source, order_id,
    max(case when fate = 'accepted' then 1 else 0 end) as is_accepted,
    max(case when fate = 'later' then 1 else 0 end) as is_later,
    max(case when fate = 'excluded' then reason end) as excluded
  from keyed
  where order_id is not null
  group by source, order_id
)
select
  l.file_no, l.row_no, t.occurrence,
  case
    when t.fate in ('excluded', 'quarantined', 'repeated') then t.fate
    when o.order_id is null then 'quarantined'
    when o.is_accepted = 1 then t.fate
    when o.is_later = 1 then 'later'
    when o.excluded is not null then 'excluded'
    else 'quarantined'
  end as fate,
  case
    when t.fate in ('excluded', 'quarantined', 'repeated') then t.reason
    when o.order_id is null then 'line_without_order'
    when o.is_accepted = 1 or o.is_later = 1 then t.reason
    when o.excluded is not null then o.excluded
    else 'order_quarantined'
  end as reason
from lines as l
join files as f on f.file_no = l.file_no
join line_fates as t on t.file_no = l.file_no and t.row_no = l.row_no
left join order_fate as o on o.source = f.source and o.order_id = l.order_id
