-- One row, or none: of the customers who ordered, whom most systems know, similarity among the links and under the most
-- different rules; then who has most orders. Nobody internal, and nobody whose records a person has yet to judge.
with seen as (
  select customer_id, source from identities
  union
  select customer_id, source from events where customer_id is not null
),
systems as (
  select customer_id, count(*) as systems from seen group by customer_id
),
records as (
  select customer_id, count(*) as records from identities group by customer_id
),
linked as (
  select
    customer_id, count(distinct rule) as rules, max(case when rule = 'probabilistic' then 1 else 0 end) as is_alike
  from links
  group by customer_id
),
bought as (
  select customer_id, sum(orders) as orders from record_orders group by customer_id
),
doubted as (
  select customer_id from bridges
  union
  select customer_id from proposed_internal
)
select r.customer_id
from records as r
join systems as s on s.customer_id = r.customer_id
left join customers as c on c.customer_id = r.customer_id
join linked as t on t.customer_id = r.customer_id
left join bought as b on b.customer_id = r.customer_id
left join doubted as d on d.customer_id = r.customer_id
where d.customer_id is null and coalesce(c.is_internal, false) = false and r.records <= 8
order by
  case when b.orders > 0 then 0 else 1 end, s.systems desc, t.is_alike desc, t.rules desc, coalesce(b.orders, 0) desc,
  r.customer_id
limit 1
