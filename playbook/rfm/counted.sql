-- One row per purchase, redemption or return of a known customer up to $as_of: its day, its money, and whether it is a
-- new order (`purchases` 1) or joins one (0: a return, a later instalment, a redemption that pays a recorded purchase).
-- Top-ups and deposits alone are no revenue: a deposit counts inside the first balance that names it.
-- `orders`, `naming` and `named` are the same table, bound three times so that each is read only as far as it is needed.
with pairs as (
  select o.order_id, o.customer_id, o.ordered_at, o.kind, coalesce(o.amount, 0) as amount,
    r.order_id as named_id, r.kind as named_kind, coalesce(r.amount, 0) as named_amount,
    row_number() over (partition by o.related_order_id, o.kind order by o.ordered_at, o.order_id) as nth
  from (
    select order_id, related_order_id, customer_id, ordered_at, kind, amount from naming
    where related_order_id is not null
      and kind in ('purchase', 'redemption', 'return')
      and cast(ordered_at as date) <= $as_of
  ) as o
  left join named as r on r.order_id = o.related_order_id
),
completed as (
  select distinct named_id from pairs where kind = 'purchase' and named_kind = 'deposit'
),
judged as (
  select
    p.customer_id, p.ordered_at, p.kind, p.amount, p.nth,
    case when p.kind = 'purchase' and p.named_kind = 'deposit' then p.named_amount else 0 end as deposit,
    p.kind = 'redemption' and coalesce(p.named_kind in ('purchase', 'deposit'), false) as is_payment,
    p.kind = 'return' and coalesce(p.named_kind in ('top_up', 'deposit') and c.named_id is null, false) as is_cash_back,
    p.kind = 'purchase' and coalesce(p.named_kind = 'deposit', false) and p.nth > 1 as is_instalment
  from pairs as p
  left join completed as c on c.named_id = p.named_id
)
select
  customer_id,
  cast(ordered_at as date) as day,
  case when kind = 'return' then 0 else 1 end as purchases,
  coalesce(amount, 0) as amount
from orders
where related_order_id is null
  and customer_id is not null
  and kind in ('purchase', 'redemption', 'return')
  and cast(ordered_at as date) <= $as_of
union all
select
  customer_id,
  cast(ordered_at as date) as day,
  case when kind = 'return' or is_instalment then 0 else 1 end as purchases,
  amount + case when nth = 1 then deposit else 0 end as amount
from judged
where customer_id is not null
  and not is_payment
  and not is_cash_back
