-- One row per phone and name on it (null: none): whose it is there, under the fullest name that it can only stand for.
-- A name in letters stands for the one in Chinese signs that sounds like it, part of a name (W. Zhang, Ms Zhang) for the
-- whole one that it fits, where there is just one; no name at all for the only person on the phone. Several: null.
with spoken as (
  select distinct s.phone_key, s.name, n.name_key, n.surname_key, n.given_key, n.extent
  from seen as s
  join names as n on n.name = s.name
  where s.phone_key is not null
),
signs as (
  select distinct phone_key, name, name_key from spoken where extent = 3
),
in_signs as (
  select l.phone_key, l.name, count(g.name) as fits, min(g.name) as fit
  from spoken as l
  left join signs as g on g.phone_key = l.phone_key and g.name_key = l.name_key
  where l.extent = 2
  group by l.phone_key, l.name
),
whole as (
  select phone_key, name, name_key, surname_key, given_key, name as class from spoken where extent = 3
  union all
  select
    l.phone_key, l.name, l.name_key, l.surname_key, l.given_key,
    case when i.fits = 1 then i.fit when i.fits = 0 then concat('~', l.name_key) end as class
  from spoken as l
  join in_signs as i on i.phone_key = l.phone_key and i.name = l.name
  where l.extent = 2
),
fitting as (
  select p.phone_key, p.name, p.name_key, count(distinct w.class) as fits, min(w.class) as fit
  from spoken as p
  left join whole as w
    on w.phone_key = p.phone_key
    and (
      p.surname_key = w.surname_key and (p.given_key = '' or p.given_key = substring(w.given_key, 1, length(p.given_key)))
      or p.given_key = '' and p.surname_key = w.given_key
    )
  where p.extent = 1
  group by p.phone_key, p.name, p.name_key
),
named as (
  select phone_key, name, class from whole
  union all
  select phone_key, name, case when fits = 1 then fit when fits = 0 then concat('?', name_key) end from fitting
),
people as (
  select phone_key, count(distinct coalesce(class, name)) as classes, min(class) as class
  from named
  group by phone_key
)
select phone_key, name, class, 'phone_name' as rule
from named
union all
select s.phone_key, null, case when p.phone_key is null then '' when p.classes = 1 then p.class end, 'phone'
from (select distinct phone_key from seen where phone_key is not null) as s
left join people as p on p.phone_key = s.phone_key
