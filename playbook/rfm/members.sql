-- One row per kind of buyer of the window (member: registered; known: bought under a number, not registered; unknown):
-- purchases and revenue.
select
  case when o.customer_id is null then 'unknown' when c.registered_on is not null then 'member' else 'known' end
    as buyer_kind,
  count(*) as orders,
  sum(o.amount) as revenue
from orders as o
left join customers as c on c.customer_id = o.customer_id
where o.kind in ('purchase', 'redemption')
  and not coalesce(c.is_internal, false)
  and cast(o.ordered_at as date) between $window_start and $as_of
group by case when o.customer_id is null then 'unknown' when c.registered_on is not null then 'member' else 'known' end
order by buyer_kind
