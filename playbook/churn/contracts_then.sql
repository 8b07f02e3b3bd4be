-- One row per contract period begun by $at, as it was known then: whether it was renewed only where it had ended.
-- An end after $at is known only where ends are agreed beforehand, as contracts that run on the last day of the data show.
with today as (
  select
    sum(case when ends_on is null then 1 else 0 end) as unplanned
  from contracts
  where started_on <= $at
)
select
  c.contract_id,
  c.customer_id,
  c.started_on,
  case when c.ends_on <= $at or t.unplanned = 0 then c.ends_on end as ends_on,
  case when c.ends_on <= $at then c.renewed end as renewed,
  c.amount,
  c.units,
  cast(null as bigint) as claims
from contracts as c
cross join today as t
where c.started_on <= $at
