-- One row per purchase, redemption or return of a known customer up to $as_of: its day, its money, and whether it is an
-- order of its own (`purchases` 1) or belongs to one (0: a return, a later instalment).
-- Nothing counts twice: a top-up is no revenue, a deposit counts inside the first balance that names it, and a redemption
-- that pays a recorded purchase is that purchase. Money given back from a top-up or an open deposit was never revenue.
-- `orders`, `naming` and `named` are one table, bound three times so that each is read only as far as it is needed.
with pairs as (
  select
    o.customer_id, o.ordered_at, o.kind, o.amount, o.related_order_id,
    r.kind as named_kind, coalesce(r.amount, 0) as named_amount,
    row_number() over (partition by o.related_order_id, o.kind = 'return' order by o.ordered_at, o.order_id) as nth
  from (
    select order_id, related_order_id, customer_id, ordered_at, kind, coalesce(amount, 0) as amount
    from naming
    where related_order_id is not null
      and kind in ('purchase', 'redemption', 'return')
      and cast(ordered_at as date) <= $as_of
  ) as o
  left join named as r on r.order_id = o.related_order_id
),
completed as (
  select distinct related_order_id from pairs where kind <> 'return' and named_kind = 'deposit'
),
judged as (
  select
    p.customer_id, p.ordered_at, p.kind, p.amount, p.named_amount,
    coalesce(p.kind <> 'return' and p.named_kind = 'deposit', false) as is_balance,
    p.nth = 1 as is_first,
    coalesce(p.kind = 'redemption' and p.named_kind = 'purchase', false) as is_payment,
    coalesce(
      p.kind = 'return' and p.named_kind in ('top_up', 'deposit') and c.related_order_id is null, false
    ) as is_cash_back
  from pairs as p
  left join completed as c on c.related_order_id = p.related_order_id
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
  case when kind = 'return' or (is_balance and not is_first) then 0 else 1 end as purchases,
  amount + case when is_balance and is_first then named_amount else 0 end as amount
from judged
where customer_id is not null
  and not is_payment
  and not is_cash_back
