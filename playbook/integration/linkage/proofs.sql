-- One row per record and kind of number that one person or company alone has: identity card, credit code. Who has
-- another is another. A record with two of a kind proves nothing.
with held as (
  select record_no, 'id_number' as kind, id_number as value from seen where id_number is not null
  union
  select record_no, 'credit_code', credit_code from seen where credit_code is not null
)
select record_no, kind, min(value) as value
from held
group by record_no, kind
having count(*) = 1
