-- One row per month-end and tier that counts in shares: its customers, and their share of all of that day.
select
  h.as_of,
  h.tier,
  count(*) as customers,
  cast(count(*) as double) / sum(count(*)) over (partition by h.as_of) as customers_share
from rfm_history as h
join tiers as t on t.tier = h.tier
where not t.apart
group by h.as_of, h.tier, t.place
order by h.as_of, t.place
