-- One row per customer of the tier $tier, the largest spend first, with the keys by which the sources know the customer.
select
  r.customer_id,
  k.source,
  k.source_key,
  c.owner,
  r.recency_days,
  r.frequency,
  r.monetary
from rfm as r
left join keys as k on k.customer_id = r.customer_id
left join customers as c on c.customer_id = r.customer_id
where r.tier = $tier
order by r.monetary desc, r.customer_id
