-- One row per customer, with scores 1 to 5: one more than the number of cuts that lie strictly below the value, and for
-- recency mirrored, so that 5 is always best. Equal behaviour gets equal scores; who never bought has none.
select
  *,
  case when orders_ever > 0 then 5
    - cast(recency_days > $r1 as integer) - cast(recency_days > $r2 as integer)
    - cast(recency_days > $r3 as integer) - cast(recency_days > $r4 as integer)
  end as r_score,
  case when orders_ever > 0 then 1
    + cast(frequency > $f1 as integer) + cast(frequency > $f2 as integer)
    + cast(frequency > $f3 as integer) + cast(frequency > $f4 as integer)
  end as f_score,
  case when orders_ever > 0 then 1
    + cast(monetary > $m1 as integer) + cast(monetary > $m2 as integer)
    + cast(monetary > $m3 as integer) + cast(monetary > $m4 as integer)
  end as m_score
from summary
