-- One row: the values below which one, two, three and four fifths of the window's buyers lie, for each of R, F and M.
select
  quantile_disc(recency_days, [0.2, 0.4, 0.6, 0.8]) as recency_days,
  quantile_disc(frequency, [0.2, 0.4, 0.6, 0.8]) as frequency,
  quantile_disc(monetary, [0.2, 0.4, 0.6, 0.8]) as monetary
from summary
where frequency > 0 and not is_internal
