-- One row per file that holds identical rows: how many there are beyond the first of each, and the money they carry.
with same_rows as (
  select file_no, same, count(*) as copies, max(money) as money
  from kept
  group by file_no, same
  having count(*) > 1
)
select file_no, sum(copies - 1) as rows, sum((copies - 1) * money) as money
from same_rows
group by file_no
