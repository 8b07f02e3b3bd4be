-- One row per source and month of one table: how many rows were accepted, and the money of its orders.
select
  source,
  cast(date_trunc('month', day) as date) as month,
  count(*) as rows,
  sum(case when kind = 'return' then -abs(amount) else amount end) as money
from rows
where day is not null
group by source, cast(date_trunc('month', day) as date)
