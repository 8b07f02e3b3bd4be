-- One row per link between two records of one customer.
select
  a.customer_id,
  a.source as source_a, a.source_key as source_key_a,
  b.source as source_b, b.source_key as source_key_b,
  e.rule,
  max(e.weight) as weight,
  max(e.probability) as probability
from links as e
join record_to_customer as a on a.record_no = e.record_no_a
join record_to_customer as b on b.record_no = e.record_no_b
group by a.customer_id, a.source, a.source_key, b.source, b.source_key, e.rule
