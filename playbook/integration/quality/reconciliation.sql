-- One row per source and month: what was sold, given away, returned and kept, beside what finance booked.
-- A control total without a month stands in a row of its own, against the whole of its source.
with signed as (
  select
    source,
    cast(date_trunc('month', ordered_at) as date) as month,
    case when kind in ('purchase', 'redemption', 'deposit') then coalesce(amount, 0) else 0 end as sold,
    case when kind in ('purchase', 'redemption', 'deposit') then coalesce(discount, 0) else 0 end as discount,
    case when kind = 'return' then coalesce(amount, 0) else 0 end as returned,
    case when kind = 'top_up' then coalesce(amount, 0) else 0 end as topped_up
  from orders
),
monthly as (
  select
    source, month, count(*) as orders, sum(sold + discount) as gross, sum(discount) as discounts,
    sum(returned) as returns, sum(sold + returned) as net, sum(topped_up) as top_ups
  from signed
  group by source, month
),
every as (
  select source, month, orders, gross, discounts, returns, net, top_ups from monthly
  union all
  select
    m.source, null as month, sum(m.orders), sum(m.gross), sum(m.discounts), sum(m.returns), sum(m.net), sum(m.top_ups)
  from monthly as m
  join (select distinct source from controls where month is null) as c on c.source = m.source
  group by m.source
)
select
  coalesce(e.source, c.source) as source,
  coalesce(e.month, c.month) as month,
  coalesce(e.orders, 0) as orders,
  coalesce(e.gross, 0) as gross,
  coalesce(e.discounts, 0) as discounts,
  coalesce(e.returns, 0) as returns,
  coalesce(e.net, 0) as net,
  coalesce(e.top_ups, 0) as top_ups,
  c.gross as control_gross,
  c.returns as control_returns,
  c.net as control_net,
  coalesce(e.net, 0) - c.net as difference
from every as e
full join controls as c on c.source = e.source and c.month is not distinct from e.month
