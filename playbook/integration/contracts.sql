-- One row per period of a contract.
select
  r.contract_id, p.customer_id, r.started_on, r.ends_on, r.renewed, r.amount, r.units, r.claims
from rows as r
left join record_to_customer as p on p.source = r.key_source and p.record_key = r.holder
