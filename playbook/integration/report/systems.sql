-- One row per record of a customer, and one per system that knows the customer by another's number (source_key null):
-- what it alone would show.
with named as (
  select
    i.source, i.source_key, i.rule, b.orders, b.net, b.first_day, b.last_day,
    row_number() over (partition by i.source order by i.source_key) as place
  from identities as i
  left join record_orders as b on b.source = i.source and b.source_key = i.source_key
  where i.customer_id = $customer_id
),
followed as (
  select
    source, count(*) as events, min(cast(occurred_at as date)) as first_day, max(cast(occurred_at as date)) as last_day,
    1 as place
  from events
  where customer_id = $customer_id
  group by source
)
select
  coalesce(n.source, f.source) as source, n.source_key, n.orders, n.net as revenue, f.events,
  least(coalesce(n.first_day, f.first_day), coalesce(f.first_day, n.first_day)) as first_day,
  greatest(coalesce(n.last_day, f.last_day), coalesce(f.last_day, n.last_day)) as last_day
from named as n
full join followed as f on f.source = n.source and f.place = n.place
order by coalesce(n.source, f.source), coalesce(n.place, f.place)
