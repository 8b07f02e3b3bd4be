-- One row per purchase of a known customer up to $as_of, and one per return or later instalment that changes its money:
-- its day, its money, and whether it is the customer's first purchase. Internal customers are left out unless $internal.
-- Nothing counts twice: a top-up is no revenue and its redemption is the purchase; a deposit counts inside the first
-- balance that names it, and a later balance is an instalment; a redemption that pays a recorded purchase is that
-- purchase. Money given back from a top-up or an open deposit was never revenue.
-- `orders`, `naming` and `named` are one table, bound three times so that each is read only as far as it is needed.
with pairs as (
  select
    o.*, r.kind as named_kind, coalesce(r.amount, 0) as named_amount,
    row_number() over (partition by o.related_order_id, o.kind = 'return' order by o.ordered_at, o.order_id) as nth
  from (
    select order_id, related_order_id, customer_id, ordered_at, kind, coalesce(amount, 0) as amount, channel
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
    p.order_id, p.customer_id, p.ordered_at, p.kind, p.amount, p.channel, p.named_amount,
    coalesce(p.kind <> 'return' and p.named_kind = 'deposit', false) as is_balance,
    p.nth = 1 as is_first_balance,
    coalesce(p.kind = 'redemption' and p.named_kind = 'purchase', false) as is_payment,
    coalesce(
      p.kind = 'return' and p.named_kind in ('top_up', 'deposit') and c.related_order_id is null, false
    ) as is_cash_back
  from pairs as p
  left join completed as c on c.related_order_id = p.related_order_id
),
standing_alone as (
  select
    order_id, customer_id, ordered_at,
    case when kind = 'return' then 'return' else 'purchase' end as kind,
    coalesce(amount, 0) as amount,
    channel
  from orders
  where related_order_id is null
    and kind in ('purchase', 'redemption', 'return')
    and cast(ordered_at as date) <= $as_of
),
naming_another as (
  select
    order_id, customer_id, ordered_at,
    case when kind = 'return' then 'return' when is_balance and not is_first_balance then 'instalment'
      else 'purchase' end as kind,
    amount + case when is_balance and is_first_balance then named_amount else 0 end as amount,
    channel
  from judged
  where not is_payment and not is_cash_back
),
counting as (
  select * from standing_alone
  union all
  select * from naming_another
)
select
  c.customer_id,
  cast(c.ordered_at as date) as day,
  c.order_id,
  c.kind,
  c.amount,
  c.channel,
  c.kind = 'purchase' and 1 = row_number() over (
    partition by c.customer_id, c.kind = 'purchase' order by c.ordered_at, c.order_id
  ) as is_first
from counting as c
left join (select customer_id from customers where is_internal and not $internal) as i on i.customer_id = c.customer_id
where c.customer_id is not null and i.customer_id is null
