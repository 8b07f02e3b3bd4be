-- One row per claim: provinces and cities in the spelling that most claims use. Chinese names that only sound alike stay
-- apart, and a name in letters that may be either of them stays as it is.
with called as (
  select c.field, c.value, p.place_key, nullif(p.place_signs, '') as signs, count(*) as claims
  from claims as c
  join places as p on p.place = c.value
  where c.field in ('region', 'city')
  group by c.field, c.value, p.place_key, p.place_signs
),
sounding as (
  select field, place_key, count(distinct signs) as names
  from called
  group by field, place_key
),
keyed as (
  select c.field, c.value, c.claims, case when s.names > 1 then coalesce(c.signs, c.place_key) else c.place_key end as same
  from called as c
  join sounding as s on s.field = c.field and s.place_key = c.place_key
),
ranked as (
  select field, same, value, row_number() over (partition by field, same order by claims desc, value) as place
  from keyed
),
spelled as (
  select k.field, k.value, r.value as commonest
  from keyed as k
  join ranked as r on r.field = k.field and r.same = k.same and r.place = 1
)
select
  c.customer_id, c.source, c.source_key, c.field, coalesce(s.commonest, c.value) as value, c.newest, c.oldest
from claims as c
left join spelled as s on s.field = c.field and s.value = c.value
