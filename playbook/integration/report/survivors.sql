-- One row per field on which records of one customer disagree: customers, the rule that chose, whose values were most often
-- kept and most often set aside, and how many values were set aside.
with counted as (
  select field, survives, source, count(*) as claims
  from conflicts
  group by field, survives, source
),
ranked as (
  select *, row_number() over (partition by field, survives order by claims desc, source) as place
  from counted
),
fields as (
  select
    field, count(distinct customer_id) as customers, min(rule) as survival,
    sum(case when survives then 0 else 1 end) as set_aside
  from conflicts
  group by field
)
select
  f.field as conflict_field, f.customers, f.survival, k.source as kept_from, l.source as set_aside_from,
  cast(f.set_aside as bigint) as set_aside
from fields as f
left join ranked as k on k.field = f.field and k.survives and k.place = 1
left join ranked as l on l.field = f.field and not l.survives and l.place = 1
order by f.customers desc, f.field
