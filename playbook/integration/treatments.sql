-- One row per customer in a campaign; of a customer who was in it under two records, the first treatment.
with owned as (
  select
    r.campaign_id, p.customer_id, r.arm, r.treated_at, r.channel, r.cost,
    row_number() over (
      partition by r.campaign_id, p.customer_id order by r.treated_at, r.arm, p.source, p.source_key
    ) as turn
  from rows as r
  join record_to_customer as p on p.source = r.key_source and p.record_key = r.holder
)
select campaign_id, customer_id, arm, treated_at, channel, cost
from owned
where turn = 1
