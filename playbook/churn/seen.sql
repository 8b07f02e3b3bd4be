-- One row per day on which a customer's purchase or return counts: which origin sees it so (null: every later one).
-- Orders that name another are judged at each origin apart: what a deposit or a return means can depend on a later order.
select cast(null as date) as origin, c.customer_id, c.day, c.purchases, c.amount
from counted as c
where c.customer_id is not null
union all
select n.origin, n.customer_id, n.day, n.purchases, n.amount
from naming as n
