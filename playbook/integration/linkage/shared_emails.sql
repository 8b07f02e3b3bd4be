-- One row per e-mail that several people use, as their numbers prove, or their names and years of birth.
with persons as (
  select distinct h.kind, h.value, h.record_no, c.class
  from shared as h
  join classes as c on c.kind = h.kind and c.value = h.value and c.name = h.name
  where h.kind = 'email' and c.class is not null
),
born as (
  select
    r.record_no, coalesce(cast(a.birth_year as integer), cast(substring(cast(a.birth_date as varchar), 1, 4) as integer)) as year
  from attributes as a
  join records as r on r.source = a.source and r.record_key = a.record_key
),
by_birth as (
  select p.kind, p.value
  from persons as p
  join born as b on b.record_no = p.record_no
  where b.year is not null
  group by p.kind, p.value
  having count(distinct p.class) > 1 and count(distinct b.year) > 1
),
by_number as (
  select p.kind, p.value
  from persons as p
  join cannot_link as f on f.record_no = p.record_no
  group by p.kind, p.value, f.kind
  having count(distinct f.value) > 1
)
select kind, value from by_birth
union
select kind, value from by_number
