-- One row per record of a customer file: what people are compared by, each as its newest state says.
with ranked as (
  select
    key_source as source, holder as record_key, gender, birth_date, birth_year, region, city, postcode, address, company, id_number,
    row_number() over (
      partition by key_source, holder order by updated_at nulls first, registered_on nulls first, content
    ) as age_rank
  from rows
  where holder is not null
)
select
  source, record_key,
  max_by(gender, case when gender is not null then age_rank end) as gender,
  max_by(birth_date, case when birth_date is not null then age_rank end) as birth_date,
  max_by(birth_year, case when birth_year is not null then age_rank end) as birth_year,
  max_by(region, case when region is not null then age_rank end) as region,
  max_by(city, case when city is not null then age_rank end) as city,
  max_by(postcode, case when postcode is not null then age_rank end) as postcode,
  max_by(address, case when address is not null then age_rank end) as address,
  max_by(company, case when company is not null then age_rank end) as company,
  max_by(id_number, case when id_number is not null then age_rank end) as id_number
from ranked
group by source, record_key
