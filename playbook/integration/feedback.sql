-- One row per answer.
select
  row_number() over (
    partition by r.answered_at, p.customer_id, r.topic, r.score, r.text order by r.content
  ) as answer_no,
  p.customer_id, r.answered_at, r.score, r.topic, r.text
from rows as r
left join record_to_customer as p on p.source = r.key_source and p.record_key = r.holder
