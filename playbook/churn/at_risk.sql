-- One row per customer with a tier: the keys by which the sources know them, who looks after them, and R, F, M.
select
  r.customer_id,
  k.source,
  k.source_key,
  c.owner,
  r.tier,
  r.recency_days,
  r.frequency,
  r.monetary
from rfm as r
left join keys as k on k.customer_id = r.customer_id
left join customers as c on c.customer_id = r.customer_id
order by r.customer_id
