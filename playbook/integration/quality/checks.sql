-- One row per source, part and check: how much was checked, how much of it failed, and the money behind it.
with counted as (
  select f.source, c.status, c.reason, c.rows
  from counts as c
  join files as f on f.file_no = c.file_no
),
accepted as (
  select source, sum(rows) as rows from counted where status = 'accepted' group by source
),
rejected as (
  select source, sum(rows) as rows, sum(rejected) as rejected from files group by source
),
unread as (
  select source, coalesce(sum(money), 0) as money
  from left_out
  where status = 'quarantined' and coalesce(reason, '') not in ('two_contents', 'two_customers', 'order_quarantined')
  group by source
),
again as (
  select source, coalesce(sum(money), 0) as money from left_out where reason = 'same_record' group by source
),
against as (
  select source, coalesce(sum(money), 0) as money
  from left_out
  where reason in ('two_contents', 'two_customers')
  group by source
),
read_values as (
  select source, sum(filled) as filled, sum(invalid) as invalid from columns group by source
),
by_record as (
  select
    source,
    sum(case when status in ('accepted', 'duplicate') then rows else 0 end) as kept,
    sum(case when reason = 'same_record' then rows else 0 end) as repeated,
    sum(case when reason in ('two_contents', 'two_customers') then rows else 0 end) as contradicting,
    sum(rows) as rows
  from counted
  group by source
),
same_rows as (
  select source, sum(rows) as rows, sum(money) as money from identical group by source
),
booked as (
  select
    source, abs(difference) as difference,
    case when abs(difference) > $tolerated * abs(control_net) then 1 else 0 end as is_off
  from reconciliation
  where control_net is not null
),
daily as (
  select source, sum(net) as net from reconciliation where month is not null group by source
),
checks as (
  select source, 'completeness' as part, 'gaps' as test, sum(rows) as checked, sum(rows - filled) as failed, null as money
  from expected
  group by source
  union all
  select v.source, 'validity', 'values', v.filled + v.invalid, v.invalid, u.money
  from read_values as v
  left join unread as u on u.source = v.source
  union all
  select v.source, 'validity', 'rows', r.rows, r.rejected, null
  from read_values as v
  join rejected as r on r.source = v.source
  union all
  select b.source, 'uniqueness', 'repeated', b.kept, b.repeated, a.money
  from by_record as b
  left join again as a on a.source = b.source
  union all
  select s.source, 'uniqueness', 'identical', a.rows, s.rows, s.money
  from same_rows as s
  join accepted as a on a.source = s.source
  union all
  select source, 'uniqueness', 'identifiers', sum(filled), sum(round(filled - filled * uniqueness)), null
  from columns
  where uniqueness is not null
  group by source
  union all
  select b.source, 'consistency', 'contradictions', b.rows, b.contradicting, a.money
  from by_record as b
  left join against as a on a.source = b.source
  union all
  select source, 'consistency', 'headers', checked, failed, money from headers
  union all
  select source, 'consistency', 'books', count(*), sum(is_off), sum(difference * is_off) from booked group by source
  union all
  select source, 'consistency', 'returns', compared, larger, larger_money from returns
  union all
  select source, 'integrity', 'orphan_returns', checked, orphans, orphan_money from returns
  union all
  select d.source, 'timeliness', 'behind', $late_days, least(d.behind, $late_days), d.behind * coalesce(n.net, 0) / d.days
  from days as d
  left join daily as n on n.source = d.source
  union all
  select source, 'integrity', 'unknown_customers', checked, failed, money from unknown_keys
  union all
  select source, 'integrity', 'orphan_lines', checked, failed, money from orphan_lines
  union all
  select source, 'coverage', 'anonymous', orders, anonymous, anonymous_money from coverage
  union all
  select source, 'coverage', 'unlinked', customers, alone, alone_money
  from coverage
  where (select count(distinct source) from identities) > 1
)
select
  source, part, test as "check", cast(checked as bigint) as checked, cast(failed as bigint) as failed,
  cast(money as double) as money
from checks
where checked > 0
