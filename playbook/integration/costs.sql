-- One row per month, channel and kind of cost.
select month, channel, kind, sum(amount) as amount
from rows
group by month, channel, kind
