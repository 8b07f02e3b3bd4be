-- One row per contract period begun by $as_of, as it was known then: whether it was renewed only where it had ended.
-- An end after $as_of is known only where ends are agreed beforehand.
select
  c.contract_id,
  c.customer_id,
  c.started_on,
  case when c.ends_on <= $as_of or c.ends_agreed then c.ends_on end as ends_on,
  case when c.ends_on <= $as_of then c.renewed end as renewed,
  c.amount,
  c.units,
  cast(null as bigint) as claims,
  c.ends_agreed
from contracts as c
where c.started_on <= $as_of
