-- One row per channel and month of first purchase: customers won, their value, what winning them cost.
with won as (
  select
    coalesce(c.acquisition_channel, 'unknown') as channel,
    cast(date_trunc('month', h.first_on) as date) as month,
    count(*) as customers,
    sum(v.past_value) as past_value,
    sum(v.future_value) as future_value
  from histories as h
  join ltv as v on v.customer_id = h.customer_id
  join customers as c on c.customer_id = h.customer_id
  group by coalesce(c.acquisition_channel, 'unknown'), cast(date_trunc('month', h.first_on) as date)
),
spent as (
  select channel, month, sum(amount) as cost
  from costs
  where kind = 'acquisition' and month <= $as_of
  group by channel, month
)
select
  coalesce(w.channel, s.channel) as channel,
  coalesce(w.month, s.month) as month,
  coalesce(w.customers, 0) as customers,
  cast(coalesce(w.past_value, 0) as double) as past_value,
  cast(coalesce(w.future_value, 0) as double) as future_value,
  cast(s.cost as double) as cost
from won as w
full join spent as s on s.channel = w.channel and s.month = w.month
where coalesce(w.month, s.month) >= $since
order by channel, month
