-- One row per customer, field and value that its records give: whether it survives, by the profile's rule for the field.
-- Equal claims are settled by the newest record, then by the value itself.
with spread as (
  select customer_id, field, min(value) as least, max(value) as greatest
  from claims
  group by customer_id, field
),
given as (
  select c.customer_id, c.field, c.value, c.source, c.source_key, max(c.newest) as newest, max(c.oldest) as oldest
  from claims as c
  join spread as s on s.customer_id = c.customer_id and s.field = c.field and s.least <> s.greatest
  group by c.customer_id, c.field, c.value, c.source, c.source_key
),
counted as (
  select
    g.customer_id, g.field, g.value,
    count(*) as holders,
    max(g.newest) as newest,
    max(g.oldest) as oldest,
    min(t.turn) as trust
  from given as g
  join trust as t on t.source = g.source
  group by g.customer_id, g.field, g.value
),
ranked as (
  select
    c.customer_id, c.field, c.value, r.rule,
    row_number() over (
      partition by c.customer_id, c.field
      order by
        case
          when r.rule = 'oldest' then c.oldest
          when r.rule = 'most_frequent' then c.holders
          when r.rule = 'most_trusted' then -c.trust
          when r.rule = 'longest' then length(c.value)
          else c.newest
        end desc,
        c.newest desc, c.value
    ) as place
  from counted as c
  join rules as r on r.field = c.field
)
select customer_id, field, value, rule, true as is_contested, place = 1 as survives
from ranked
union all
select customer_id, field, least as value, null as rule, false as is_contested, true as survives
from spread
where least = greatest
