-- One row per customer: of each field the newest value that any record gives, of the registration the first.
with golden as (
  select
    customer_id,
    min(registered_on) as registered_on,
    max_by(region, case when region is not null then age_rank end) as region,
    max_by(city, case when city is not null then age_rank end) as city,
    max_by(gender, case when gender is not null then age_rank end) as gender,
    max_by(birth_year, case when birth_year is not null then age_rank end) as birth_year,
    max_by(acquisition_channel, case when acquisition_channel is not null then first_rank end) as acquisition_channel,
    max_by(level, case when level is not null then age_rank end) as level,
    max_by(points, case when points is not null then age_rank end) as points,
    max_by(owner, case when owner is not null then age_rank end) as owner
  from rows
  group by customer_id
),
everyone as (
  select customer_id, max(case when is_internal then 1 else 0 end) = 1 as is_internal
  from people
  group by customer_id
)
select
  e.customer_id, g.registered_on, g.region, g.city, g.gender, g.birth_year, g.acquisition_channel, g.level, g.points,
  g.owner, e.is_internal
from everyone as e
left join golden as g on g.customer_id = e.customer_id
