"""What the values prove: which columns share keys, which number is the product of two others, who determines whom."""

from typing import NamedTuple

from duckdb import DuckDBPyConnection

from playbook.onboarding.columns import ColumnLook
from playbook.onboarding.look import Look
from playbook.tables.engine import quoted

_MOST_VALUES = 300_000  # distinct values that are compared
_ROWS = 20_000  # rows that are compared
_CENT = 0.011
_SIGNS = ("€", "£", "₹", "hk$", "nt$", "r$", "¥", "$", "元")


class Place(NamedTuple):
    """One column of one file."""

    look: Look
    column: ColumnLook

    @property
    def c(self) -> str:
        """Its name in the database."""
        return f"c{self.column.number}"

    @property
    def distinct(self) -> str:
        """The SQL of its values, as `v`."""
        query = f"select distinct {self.c} as v from {self.look.table} where {self.c} is not null"
        return f"({query} order by hash({self.c}), v limit {_MOST_VALUES})"


class Growth(NamedTuple):
    """How an amount goes with a quantity: rows with a quantity of 2 or more, and the share that grows with it."""

    rows: int
    share: float


class Slashed(NamedTuple):
    """Days like 03/04/2025: how many, with more than 12 in the first place, in the second, and one that proves it."""

    count: int
    day_first: int
    month_first: int
    proof: str | None


def overlap(con: DuckDBPyConnection, one: Place, other: Place) -> float:
    """The share of the values of one column that the other one has too."""
    every = f"select distinct {other.c} as v from {other.look.table} where {other.c} is not null"
    query = f"select count(o.v) / nullif(count(*), 0) from {one.distinct} as a left join ({every}) as o on o.v = a.v"
    return con.execute(query).fetchone()[0] or 0.0


def shared_rows(con: DuckDBPyConnection, pairs: list[tuple[Place, Place]]) -> float:
    """The share of one file's rows whose values in some columns stand side by side in another file too."""
    here, there = (", ".join(place.c for place in places) for places in zip(*pairs, strict=True))
    alike = " and ".join(f"a.{one.c} = b.{other.c}" for one, other in pairs)
    (one, other), *_ = pairs
    every = max(1, one.look.rows // _ROWS)
    query = f"""
      select avg(case when b.{other.c} is not null then 1 else 0 end)
      from (select {here} from {one.look.table} where hash(rowid) % {every} = 0) as a
      left join (select distinct {there} from {other.look.table}) as b on {alike}
    """
    return con.execute(query).fetchone()[0] or 0.0


def determined(con: DuckDBPyConnection, by: Place, what: Place) -> float:
    """The share of the values of one column that stand beside a single value of the other one."""
    both = f"{by.c} is not null and {what.c} is not null"
    counted = f"select count(distinct {what.c}) as n from {by.look.table} where {both} group by {by.c}"
    return con.execute(f"select avg(case when n = 1 then 1 else 0 end) from ({counted})").fetchone()[0] or 0.0


def same_within(con: DuckDBPyConnection, group: Place, value: Place) -> float:
    """Of the groups of several rows, the share in which a value is the same on every row; 0 where there are few."""
    query = f"""
      with several as (
        select count(distinct {value.c}) as n from {group.look.table} where {group.c} is not null
        group by {group.c} having count(*) > 1
      )
      select case when count(*) >= 20 then avg(case when n = 1 then 1 else 0 end) end from several
    """
    return con.execute(query).fetchone()[0] or 0.0


def is_key(con: DuckDBPyConnection, look: Look, *columns: ColumnLook) -> bool:
    """Whether these columns together name a row (2 in 1,000 may not, where exports overlap)."""
    listed = ", ".join(f"c{column.number}" for column in columns)
    query = f"select count(*) from (select distinct {listed} from {look.table})"
    return con.execute(query).fetchone()[0] >= 0.998 * look.rows


def growth(con: DuckDBPyConnection, quantity: Place, value: Place, product: Place | None) -> Growth:
    """Whether a value is that of the whole row or of one piece: does it grow with the quantity, product by product?"""
    alike = product.c if product else "1"
    query = f"""
      with rows as (
        select {alike} as p, abs(number_in({quantity.c})) as q, abs(number_in({value.c})) as v from {value.look.table}
      ),
      single as (select p, cast(median(v) as double) as v from rows where q = 1 and v > 0 group by p),
      several as (
        select abs(ln(r.v / s.v)) as as_piece, abs(ln(r.v / (s.v * r.q))) as as_row
        from rows as r join single as s on s.p = r.p where r.q >= 2 and r.v > 0
      )
      select count(*), avg(case when as_row < as_piece then 1 else 0 end) from several
    """
    rows, share = con.execute(query).fetchone()
    return Growth(rows, share or 0.0)


def equal(con: DuckDBPyConnection, value: Place, expression: str) -> float:
    """The share of rows in which a number is what an expression over numbers gives, to the cent."""
    differs = f"abs(number_in({value.c}) - ({expression})) <= {_CENT}"
    query = f"select avg(case when {differs} then 1 else 0 end) from {value.look.table}"
    return con.execute(query).fetchone()[0] or 0.0


def sums_up(con: DuckDBPyConnection, lines: Place, expression: str, orders: Place, amount: Place) -> float:
    """The share of orders whose lines sum to an amount; `lines` and `orders` are the columns of the order's number."""
    query = f"""
      with summed as (
        select {lines.c} as id, sum({expression}) as v from {lines.look.table} group by 1
      )
      select avg(case when abs(s.v - number_in({"o." + amount.c})) <= {_CENT} then 1 else 0 end)
      from {orders.look.table} as o join summed as s on s.id = o.{orders.c}
    """
    return con.execute(query).fetchone()[0] or 0.0


def minus_by_prefix(con: DuckDBPyConnection, key: Place, number: str) -> list[tuple[str, int, float]]:
    """For each run of letters that numbers begin with: (letters, rows, share of rows with a number below zero)."""
    query = f"""
      select regexp_extract({key.c}, '^[A-Za-z]*') as prefix, count(*) as n,
             avg(case when {number} < 0 then 1 else 0 end)
      from {key.look.table} where {key.c} is not null group by 1 order by n desc, 1 limit 20
    """
    return con.execute(query).fetchall()


def starting_with(con: DuckDBPyConnection, place: Place, beginning: str) -> int:
    """The rows whose value begins with some letters."""
    query = f"select count(*) from {place.look.table} where starts_with({place.c}, {quoted(beginning)})"
    return con.execute(query).fetchone()[0]


def signs(con: DuckDBPyConnection, place: Place) -> list[str]:
    """The sign of a currency that a column's values carry, where they do."""
    counts = ", ".join(f"count(*) filter (contains(lower({place.c}), {quoted(sign)}))" for sign in _SIGNS)
    found = con.execute(f"select {counts} from {place.look.table}").fetchone()
    return [sign for sign, count in zip(_SIGNS, found, strict=True) if count][:1]


def slashed(con: DuckDBPyConnection, place: Place) -> Slashed:
    """What the days like 03/04/2025 of a column prove."""
    parts = r"'^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.][0-9]{4}'"
    first, second = (f"try_cast(regexp_extract({place.c}, {parts}, {number}) as integer)" for number in (1, 2))
    query = f"""
      select count({first}), count(*) filter ({first} > 12), count(*) filter ({second} > 12),
             min({place.c}) filter ({first} > 12 or {second} > 12)
      from {place.look.table}
    """
    return Slashed(*con.execute(query).fetchone())
