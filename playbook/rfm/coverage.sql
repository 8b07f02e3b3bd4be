-- One row: the days the orders cover, and how much of the window's revenue belongs to nobody known.
select
  min(cast(ordered_at as date)) as first_on,
  coalesce(sum(case when cast(ordered_at as date) >= $window_start then amount end), 0) as revenue,
  coalesce(sum(case when cast(ordered_at as date) >= $window_start and customer_id is null then amount end), 0)
    as anonymous,
  count(amount) as priced
from orders
where kind in ('purchase', 'redemption', 'return') and cast(ordered_at as date) <= $as_of
