-- One row per identifier and name on it (null: none): whose it is there, under the fullest name it can only stand for.
-- A name in letters stands for the one in Chinese signs that sounds like it, part of a name (W. Zhang, Ms Zhang) for the
-- whole one that it fits, where there is just one; no name at all for the only person there. Several: null.
with spoken as (
  select distinct h.kind, h.value, h.name, n.name_key, n.surname_key, n.given_key, n.extent
  from shared as h
  join names as n on n.name = h.name
),
signs as (
  select distinct kind, value, name, name_key from spoken where extent = 3
),
in_signs as (
  select l.kind, l.value, l.name, count(g.name) as fits, min(g.name) as fit
  from spoken as l
  left join signs as g on g.kind = l.kind and g.value = l.value and g.name_key = l.name_key
  where l.extent = 2
  group by l.kind, l.value, l.name
),
whole as (
  select kind, value, name, name_key, surname_key, given_key, name as class from spoken where extent = 3
  union all
  select
    l.kind, l.value, l.name, l.name_key, l.surname_key, l.given_key,
    case when i.fits = 1 then i.fit when i.fits = 0 then concat('~', l.name_key) end as class
  from spoken as l
  join in_signs as i on i.kind = l.kind and i.value = l.value and i.name = l.name
  where l.extent = 2
),
fitting as (
  select p.kind, p.value, p.name, p.name_key, count(distinct w.class) as fits, min(w.class) as fit
  from spoken as p
  left join whole as w
    on w.kind = p.kind
    and w.value = p.value
    and (
      p.surname_key = w.surname_key and (p.given_key = '' or p.given_key = substring(w.given_key, 1, length(p.given_key)))
      or p.given_key = '' and p.surname_key = w.given_key
    )
  where p.extent = 1
  group by p.kind, p.value, p.name, p.name_key
),
named as (
  select kind, value, name, class from whole
  union all
  select kind, value, name, case when fits = 1 then fit when fits = 0 then concat('?', name_key) end from fitting
),
persons as (
  select kind, value, count(distinct coalesce(class, name)) as classes, min(class) as class
  from named
  group by kind, value
)
select kind, value, name, class
from named
union all
select h.kind, h.value, null, case when p.value is null then '' when p.classes = 1 then p.class end
from (select distinct kind, value from shared) as h
left join persons as p on p.kind = h.kind and p.value = h.value
