-- One row per source of orders whose customer numbers a file of customers should know: those it does not, and their money.
with ordered as (
  select source, key_source, holder, customer_key, kind, amount from orders
  union all
  select source, key_source, holder, customer_key, kind, amount from lines where carries_orders
),
known as (
  select distinct key_source, customer_key from customers
),
numbering as (
  select distinct key_source from customers
)
select
  o.source,
  count(*) as checked,
  sum(case when k.customer_key is null then 1 else 0 end) as failed,
  sum(case when k.customer_key is not null then 0 when o.kind = 'return' then -abs(o.amount) else o.amount end) as money
from ordered as o
join numbering as n on n.key_source = o.key_source
left join known as k on k.key_source = o.key_source and k.customer_key = o.customer_key
where o.holder = o.customer_key
group by o.source
