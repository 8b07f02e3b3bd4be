-- One row per value that a record gives for a field on which its customer's records disagree.
select distinct c.customer_id, c.field, c.source, c.source_key, c.value, g.rule, g.survives
from claims as c
join golden as g on g.customer_id = c.customer_id and g.field = c.field and g.value = c.value
where g.is_contested
