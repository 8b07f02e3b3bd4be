-- One row per record: what it is compared by, in one spelling. Of several names, phones and e-mails the newest counts, a
-- whole name before part of one.
with ranked as (
  select
    s.record_no, s.name, s.phone_key, s.email,
    row_number() over (
      partition by s.record_no
      order by coalesce(n.extent, 0), coalesce(s.last_day, date '9999-12-31'), s.name, s.phone_key, s.email
    ) as name_rank,
    row_number() over (
      partition by s.record_no
      order by coalesce(s.last_day, date '9999-12-31'), s.first_day, s.phone_key, s.email, s.name
    ) as value_rank
  from observed as s
  left join names as n on n.name = s.name
),
newest as (
  select
    record_no,
    max_by(name, case when name is not null then name_rank end) as name,
    max_by(phone_key, case when phone_key is not null then value_rank end) as phone_key,
    max_by(email, case when email is not null then value_rank end) as email
  from ranked
  group by record_no
)
select
  r.record_no, r.source, g.group_no, n.name, k.name_key, k.surname_key, k.given_key, k.extent,
  n.phone_key,
  substring(n.phone_key, 1, length(n.phone_key) - 4) as phone_head,
  substring(n.phone_key, length(n.phone_key) - 3, 4) as phone_tail,
  n.email, e.email_local, e.email_core,
  a.gender, cast(a.birth_date as varchar) as birth_date,
  coalesce(cast(a.birth_year as integer), cast(substring(cast(a.birth_date as varchar), 1, 4) as integer)) as birth_year,
  p.place_key as region_key, c.place_key as city_key, a.postcode,
  d.address, d.address_words, nullif(d.address_numbers, '') as address_numbers,
  f.company_key, f.branch_key, a.id_number
from newest as n
join records as r on r.record_no = n.record_no
join groups as g on g.record_no = n.record_no
left join names as k on k.name = n.name
left join emails as e on e.email = n.email
left join attributes as a on a.source = r.source and a.record_key = r.record_key
left join places as p on p.place = a.region
left join places as c on c.place = a.city
left join addresses as d on d.address = a.address
left join companies as f on f.company = a.company
