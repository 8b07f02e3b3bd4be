-- One row per record and kind of number that one person or company alone has: identity card, credit code. Records with
-- different numbers of a kind cannot be linked. A record with two of a kind says nothing.
with numbered as (
  select record_no, 'id_number' as kind, id_number as value from observed where id_number is not null
  union
  select record_no, 'credit_code', credit_code from observed where credit_code is not null
)
select record_no, kind, min(value) as value
from numbered
group by record_no, kind
having count(*) = 1
