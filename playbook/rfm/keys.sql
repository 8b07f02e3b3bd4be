-- One row per customer: the sources that know them and the keys they have there, in the same order.
select
  customer_id,
  string_agg(source, ';' order by source, source_key) as source,
  string_agg(source_key, ';' order by source, source_key) as source_key
from identities
group by customer_id
