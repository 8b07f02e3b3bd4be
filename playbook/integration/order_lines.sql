-- One row per order line, numbered within its order; the lines of a return are negative, as its amount is.
with joined as (
  select
    o.order_id, o.kind, l.line as given_line, l.product_id, l.category, l.quantity, l.price, l.amount, l.cost,
    sum(l.amount) over (partition by o.order_id) as total
  from lines as l
  join orders as o on o.source = l.source and o.number = l.order_id
),
signed as (
  select *, case when kind = 'return' and total > 0 then -1 else 1 end as sign
  from joined
)
select
  order_id,
  row_number() over (
    partition by order_id order by given_line, product_id, category, quantity, price, amount, cost
  ) as line,
  product_id, category, quantity * sign as quantity, price, amount * sign as amount, cost * sign as cost
from signed
