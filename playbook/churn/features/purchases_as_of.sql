-- One row per purchase, return or instalment: which origin sees it so (null: every later one).
-- Orders that name another are judged at each origin apart: what a deposit or a return means can depend on a later order.
select cast(null as date) as origin, p.customer_id, p.day, p.kind, p.amount
from purchases as p
union all
select j.origin, j.customer_id, j.day, j.kind, j.amount
from judged as j
