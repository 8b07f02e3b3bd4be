-- One row per rule that links records, the strongest first: links, customers, customers linked by this rule alone, and how
-- likely the links are on average (null: exact).
with rules as (
  select customer_id, min(rule) as only_rule
  from links
  group by customer_id
  having count(distinct rule) = 1
)
select
  l.rule, count(*) as ties, count(distinct l.customer_id) as customers, count(distinct r.customer_id) as only_tie,
  avg(l.probability) as likely
from links as l
join ranks as k on k.rule = l.rule
left join rules as r on r.customer_id = l.customer_id
group by l.rule
order by min(k.rank)
