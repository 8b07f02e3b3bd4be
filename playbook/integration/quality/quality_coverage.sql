-- One row per source of orders: sales to nobody known, customers that no other system knows, and the money of both.
with systems as (
  select customer_id, count(distinct source) as systems
  from identities
  group by customer_id
),
sold as (
  select
    source, customer_id, coalesce(amount, 0) as amount,
    case when kind in ('purchase', 'redemption') then 1 else 0 end as is_order
  from orders
  where kind in ('purchase', 'redemption', 'deposit', 'return')
),
bought as (
  select o.source, o.customer_id, max(case when s.systems = 1 then 1 else 0 end) as is_alone, sum(o.amount) as amount
  from sold as o
  join systems as s on s.customer_id = o.customer_id
  group by o.source, o.customer_id
),
known as (
  select
    source, count(*) as customers, sum(is_alone) as alone,
    sum(case when is_alone = 1 then amount else 0 end) as alone_money
  from bought
  group by source
),
anonymous as (
  select
    source, sum(is_order) as orders, sum(case when customer_id is null then is_order else 0 end) as anonymous,
    sum(case when customer_id is null then amount else 0 end) as anonymous_money
  from sold
  group by source
)
select
  a.source, a.orders, a.anonymous, a.anonymous_money,
  coalesce(k.customers, 0) as customers, coalesce(k.alone, 0) as alone, coalesce(k.alone_money, 0) as alone_money
from anonymous as a
left join known as k on k.source = a.source
