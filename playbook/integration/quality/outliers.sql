-- One row per source with orders above so many times its median: how many, the largest, the median.
with sized as (
  select source, abs(amount) as amount
  from orders
  where amount <> 0
),
middle as (
  select source, median(amount) as middle
  from sized
  group by source
)
select s.source, count(*) as orders, max(s.amount) as largest, max(m.middle) as middle
from sized as s
join middle as m on m.source = s.source
where s.amount > $outlier * m.middle
group by s.source
order by s.source
