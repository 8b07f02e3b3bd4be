-- One row per record: its group now, and the customer it belonged to, was first given to and was first seen on.
-- A source whose keys have become personal data since, or no longer are, is known by the other form of its keys.
select
  g.record_no, g.source, g.source_key, g.group_no,
  coalesce(r.source_key, o.source_key) as old_key,
  coalesce(r.customer_id, o.customer_id) as old_id,
  coalesce(r.born_as, o.born_as) as born_as,
  coalesce(r.since, o.since) as since,
  coalesce(r.id_since, o.id_since) as id_since
from grouped as g
left join registry as r on r.source = g.source and r.source_key = g.source_key
left join registry as o on o.source = g.source and o.source_key = g.other_key and r.source_key is null
