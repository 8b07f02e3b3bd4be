"""One file as it was looked at, and what the values of its columns prove about each other."""

from typing import NamedTuple

from duckdb import DuckDBPyConnection

from playbook.integration.types.column_profiler import ColumnProfile
from playbook.onboarding.layout import Dialect
from playbook.tables.engine import quoted

_LIKELY = 0.5  # how sure a meaning must be to count
_MOST_VALUES = 300_000  # distinct values that are compared
_ROWS = 20_000  # rows that are compared
_CENT = 0.011
_CURRENCY_SIGNS = ("€", "£", "₹", "hk$", "nt$", "r$", "¥", "$", "元")

#: What a column may mean: concept -> how surely, from 0 to 1.
SemanticTypes = dict[str, float]


class Candidate(NamedTuple):
    """A column that may fill a standard column: how surely (0 to 1), and the concept it would do so by."""

    score: float
    column: str
    concept: str


class TableMatch(NamedTuple):
    """The table a file holds (None: none of them), whether that is sure, the runners-up, and what the file lacks."""

    table: str | None = None
    sure: bool = False
    others: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


class ColumnRef(ColumnProfile):
    """A column's profile with the relation of the database that holds its values, to ask more about them."""

    con: DuckDBPyConnection
    relation: str

    @classmethod
    def of(cls, profile: ColumnProfile, con: DuckDBPyConnection, relation: str) -> "ColumnRef":
        """The profile, knowing where its values lie."""
        ref = cls(*profile)
        ref.con, ref.relation = con, relation
        return ref

    @property
    def c(self) -> str:
        """Its name in the relation."""
        return f"c{self.number}"

    @property
    def as_number(self) -> str:
        """The SQL of the number in its text."""
        return f"number_in(c{self.number})"

    def ask(self, query: str) -> float:
        """The one number that a query gives; 0 where there is none."""
        return self.con.execute(query).fetchone()[0] or 0.0


class FileProfile(NamedTuple):
    """One file, or several of one make.

    `path` is its path or glob below the folder, `whole` says whether all rows were looked at, `types` what each column
    may mean, `match` which standard table the file holds.
    """

    path: str
    files: tuple[str, ...]
    dialect: Dialect
    rows: int
    whole: bool
    columns: list[ColumnRef]
    types: dict[str, SemanticTypes]
    match: TableMatch = TableMatch()

    @property
    def label(self) -> str:
        """What to call it: the path, and the sheet or the table of a database where there is one."""
        part = self.dialect.sheet or self.dialect.db_table
        return f"{self.path} [{part}]" if part else self.path

    @property
    def table(self) -> str | None:
        """The standard table it holds."""
        return self.match.table

    def column(self, name: str) -> ColumnRef:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    def best(self, concept: str) -> tuple[ColumnRef | None, float]:
        """The column that most surely has a meaning, and how surely."""
        scored = [(types.get(concept, 0), name) for name, types in self.types.items()]
        score, name = max(scored, key=lambda pair: pair[0], default=(0, ""))
        return (self.column(name), score) if score else (None, 0.0)

    def find(self, *concepts: str) -> ColumnRef | None:
        """The column that most surely has one of some meanings, where one has it surely enough."""
        _, concept = max((self.best(concept)[1], concept) for concept in concepts)
        column, score = self.best(concept)
        return column if score >= _LIKELY else None


def overlap(one: ColumnRef, other: ColumnRef) -> float:
    """The share of the distinct values of one column that the other one has too."""
    return one.ask(f"""
      with ours as (
        select distinct {one.c} as v from {one.relation} where {one.c} is not null
        order by hash({one.c}), v limit {_MOST_VALUES}
      ),
      theirs as (select distinct {other.c} as v from {other.relation} where {other.c} is not null)
      select count(theirs.v) / nullif(count(*), 0) from ours left join theirs on theirs.v = ours.v
    """)


def shared_rows(pairs: list[tuple[ColumnRef, ColumnRef]]) -> float:
    """The share of one file's rows whose values in some columns stand side by side in another file too."""
    here, there = (", ".join(ref.c for ref in refs) for refs in zip(*pairs, strict=True))
    alike = " and ".join(f"a.{one.c} = b.{other.c}" for one, other in pairs)
    (one, other), *_ = pairs
    return one.ask(f"""
      select avg(case when b.{other.c} is not null then 1 else 0 end)
      from (select {here} from {one.relation} where hash(rowid) % {max(1, one.rows // _ROWS)} = 0) as a
      left join (select distinct {there} from {other.relation}) as b on {alike}
    """)


def determined(by: ColumnRef, what: ColumnRef) -> float:
    """The share of the values of one column that stand beside a single value of the other one."""
    return by.ask(f"""
      with counted as (
        select count(distinct {what.c}) as n from {by.relation}
        where {by.c} is not null and {what.c} is not null group by {by.c}
      )
      select avg(case when n = 1 then 1 else 0 end) from counted
    """)


def same_within(group: ColumnRef, value: ColumnRef) -> float:
    """Of the groups of several rows, the share in which a value is the same on every row; 0 where there are few."""
    return group.ask(f"""
      with several as (
        select count(distinct {value.c}) as n from {group.relation} where {group.c} is not null
        group by {group.c} having count(*) > 1
      )
      select case when count(*) >= 20 then avg(case when n = 1 then 1 else 0 end) end from several
    """)


def is_key(first: ColumnRef, second: ColumnRef) -> bool:
    """Whether two columns together name a row (2 in 1,000 may not, where exports overlap)."""
    pairs = first.ask(f"select count(*) from (select distinct {first.c}, {second.c} from {first.relation})")
    return pairs >= 0.998 * first.rows


def scale_test(quantity: ColumnRef, value: ColumnRef, product: ColumnRef | None) -> tuple[int, float]:
    """Whether a value is that of the whole row or of one piece: does it grow with the quantity, product by product?

    Gives the number of rows with a quantity of 2 or more, and the share (0 to 1) in which the value grows with it.
    """
    query = f"""
      with rows as (
        select {product.c if product else "1"} as p, abs({quantity.as_number}) as q, abs({value.as_number}) as v
        from {value.relation}
      ),
      single as (select p, cast(median(v) as double) as v from rows where q = 1 and v > 0 group by p),
      several as (
        select abs(ln(r.v / s.v)) as as_piece, abs(ln(r.v / (s.v * r.q))) as as_row
        from rows as r join single as s on s.p = r.p where r.q >= 2 and r.v > 0
      )
      select count(*), coalesce(avg(case when as_row < as_piece then 1 else 0 end), 0) from several
    """
    return value.con.execute(query).fetchone()


def equal(value: ColumnRef, expression: str) -> float:
    """The share of rows in which a number is what an expression over numbers gives, to the cent."""
    is_equal = f"abs({value.as_number} - ({expression})) <= {_CENT}"
    return value.ask(f"select avg(case when {is_equal} then 1 else 0 end) from {value.relation}")


def sums_up(lines: ColumnRef, expression: str, orders: ColumnRef, amount: ColumnRef) -> float:
    """The share of orders whose lines sum to an amount; `lines` and `orders` are the columns of the order's number."""
    return orders.ask(f"""
      with summed as (select {lines.c} as id, sum({expression}) as v from {lines.relation} group by 1),
      totals as (select {orders.c} as id, {amount.as_number} as v from {orders.relation})
      select avg(case when abs(summed.v - totals.v) <= {_CENT} then 1 else 0 end)
      from totals join summed on summed.id = totals.id
    """)


def minus_by_prefix(key: ColumnRef, number: str) -> list[tuple[str, int, float]]:
    """For each run of letters that numbers begin with: (letters, rows, share of rows with a number below zero)."""
    return key.con.execute(f"""
      select regexp_extract({key.c}, '^[A-Za-z]*') as prefix, count(*) as n,
             avg(case when {number} < 0 then 1 else 0 end)
      from {key.relation} where {key.c} is not null group by 1 order by n desc, 1 limit 20
    """).fetchall()


def starting_with(ref: ColumnRef, beginning: str) -> int:
    """The rows whose value begins with some letters."""
    return int(ref.ask(f"select count(*) from {ref.relation} where starts_with({ref.c}, {quoted(beginning)})"))


def currency_sign(ref: ColumnRef) -> str | None:
    """The sign of a currency that a column's values carry."""
    counts = ", ".join(f"count(*) filter (contains(lower({ref.c}), {quoted(sign)}))" for sign in _CURRENCY_SIGNS)
    row = ref.con.execute(f"select {counts} from {ref.relation}").fetchone()
    return next((sign for sign, count in zip(_CURRENCY_SIGNS, row, strict=True) if count), None)


def day_evidence(ref: ColumnRef) -> tuple[int, int, int, str | None]:
    """Days like 03/04/2025: how many, with more than 12 in the first place, in the second, and one that proves it."""
    form = r"'^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.][0-9]{4}'"
    first, second = (f"try_cast(regexp_extract({ref.c}, {form}, {number}) as integer)" for number in (1, 2))
    query = f"""
      select count({first}), count(*) filter ({first} > 12), count(*) filter ({second} > 12),
             min({ref.c}) filter ({first} > 12 or {second} > 12)
      from {ref.relation}
    """
    return ref.con.execute(query).fetchone()
