-- One row per customer in a campaign: how long they had been silent, what they then did, and whether the row can be used.
-- Everything of before is strictly before the day of the treatment; `returned`, `orders` and `sales` (net of what was
-- sent back) are of that day and the days after, $horizon_days together. `standing` says why a row is left out.
with sent as (
  select t.campaign_id, t.customer_id, t.arm, t.channel, t.cost, cast(t.treated_at as date) as treated_on, c.is_internal
  from treatments as t
  left join customers as c on c.customer_id = t.customer_id
),
before as (
  select
    s.campaign_id, s.customer_id,
    min(o.day) as first_on,
    max(o.day) as last_on,
    count(*) as orders_before
  from sent as s
  join purchases as o on o.customer_id = s.customer_id and o.day < s.treated_on
  where o.kind = 'purchase'
  group by s.campaign_id, s.customer_id
),
after as (
  select
    s.campaign_id, s.customer_id, count(*) filter (o.kind = 'purchase') as orders, sum(o.amount) as sales
  from sent as s
  join purchases as o on o.customer_id = s.customer_id and o.day >= s.treated_on
  where date_diff('day', s.treated_on, o.day) < $horizon_days
  group by s.campaign_id, s.customer_id
)
select
  s.campaign_id,
  s.customer_id,
  s.arm,
  s.channel,
  coalesce(s.cost, 0) as cost,
  s.treated_on,
  date_diff('day', b.last_on, s.treated_on) as silent_days,
  coalesce(b.orders_before, 0) as orders_before,
  case when coalesce(a.orders, 0) > 0 then 1 else 0 end as returned,
  coalesce(a.orders, 0) as orders,
  coalesce(a.sales, 0) as sales,
  case
    when coalesce(s.is_internal, false) then 'internal'
    when date_diff('day', s.treated_on, $as_of) < $horizon_days - 1 then 'not_over'
    when b.last_on is null then 'never_bought'
    when date_diff('day', b.last_on, s.treated_on) <= $lapsed_days then 'active'
    else 'lapsed'
  end as standing
from sent as s
left join before as b on b.campaign_id = s.campaign_id and b.customer_id = s.customer_id
left join after as a on a.campaign_id = s.campaign_id and a.customer_id = s.customer_id
