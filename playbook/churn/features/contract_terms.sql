-- One row: whether the ends of contracts are agreed beforehand. Some lie ahead of the last day of the data, and every
-- contract that is over lasted as long as one of those was agreed to, give or take $days days: none was cut short.
with last as (
  select
    greatest(
      coalesce(max(started_on), date '0001-01-01'),
      coalesce((select max(cast(ordered_at as date)) from orders), date '0001-01-01')
    ) as day
  from contracts
),
lengths as (
  select distinct date_diff('day', c.started_on, c.ends_on) as days, c.ends_on > l.day as is_ahead
  from contracts as c
  cross join last as l
  where c.ends_on is not null
),
terms as (
  select days from lengths where is_ahead
),
past as (
  select l.days, min(abs(l.days - t.days)) as off
  from lengths as l
  cross join terms as t
  where not l.is_ahead
  group by l.days
)
select (select count(*) from terms) > 0 and (select count(*) from past where off > $days) = 0 as ends_agreed
