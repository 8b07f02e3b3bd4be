"""Standing: how often, how much and how lately each customer had bought by each of many days, as running sums."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from playbook.tables.engine import Engine, Table

HERE = Path(__file__).parent

#: Rows that are handed to the engine at once: what bounds the memory beside it.
ROWS = 12_000_000
#: A day after every other: when an order has not come yet.
_NEVER = np.int32(np.iinfo(np.int32).max)


def standing(counted: Table, customers: Table, *, ends: list[date], window_days: int) -> Table:
    """One row per customer and day of `ends`, in the order of day and customer_id.

    Columns: day (since 1970), customer_id, is_internal, frequency, cents (both in the window), orders_ever, first_day
    and last_day (of purchases; without meaning where orders_ever is 0). A customer is there from the day they
    registered or first ordered. An order enters the window on one of the days and leaves it on a later one, so that
    nothing is counted twice; the sums are whole numbers, exact in any order. In numpy, because a window function over
    these moves takes several times as long (docs/decisions/0005).
    """
    engine = counted.engine
    people = engine.run(HERE / "people.sql", counted=counted, customers=customers).materialise()
    moves = engine.run(HERE / "moves.sql", counted=counted, people=people).df()
    known, days = people.df().sort_values("no", ignore_index=True), np.array([_number(end) for end in ends])
    sheets = _sheets(moves, known, days, window_days)
    at_once = max(1, ROWS // max(len(known), 1))
    return _stacked(engine, [engine.frame(sheet) for sheet in _bound(sheets, known, at_once)])


def _sheets(moves: pd.DataFrame, people: pd.DataFrame, days: np.ndarray, window_days: int) -> Iterator[pd.DataFrame]:
    """For each day, one row per customer who is known by then: everything but the name."""
    no, day, bought, cents = (moves[name].to_numpy() for name in ("no", "day", "purchases", "cents"))
    frequency, money, ever = (np.zeros(len(people), kind) for kind in (np.int32, np.int64, np.int32))
    first, last = np.full(len(people), _NEVER), np.full(len(people), -_NEVER)
    since, internal = _known_from(moves, people, days), people["is_internal"].to_numpy()
    entered = left = 0
    for step, (enters, leaves) in enumerate(zip(_until(day, days), _until(day, days - window_days), strict=True)):
        come, gone = slice(entered, enters), slice(left, leaves)
        for total, moved in ((frequency, bought), (money, cents)):
            np.add.at(total, no[come], moved[come])
            np.subtract.at(total, no[gone], moved[gone])
        np.add.at(ever, no[come], bought[come])
        orders = bought[come] == 1
        np.minimum.at(first, no[come][orders], day[come][orders])
        np.maximum.at(last, no[come][orders], day[come][orders])
        entered, left = enters, leaves
        there = np.flatnonzero(since <= step).astype(np.int32)
        found = {"no": there, "is_internal": internal[there], "frequency": frequency[there], "cents": money[there]}
        found |= {"orders_ever": ever[there], "first_day": first[there], "last_day": last[there]}
        yield pd.DataFrame({"day": np.full(len(there), days[step], np.int32)} | found, copy=False)


def _known_from(moves: pd.DataFrame, people: pd.DataFrame, days: np.ndarray) -> np.ndarray:
    """The first day, by its place, on which each customer is known; without any date it is the last."""
    ordered = np.full(len(people), _NEVER)
    np.minimum.at(ordered, moves["no"].to_numpy(), moves["day"].to_numpy())
    registered = people["registered_day"].fillna(_NEVER).to_numpy(np.int64)
    return np.minimum(np.searchsorted(days, np.minimum(ordered, registered)), len(days) - 1)


def _until(day: np.ndarray, days: np.ndarray) -> np.ndarray:
    """How many of the moves, sorted by day, lie on or before each of the days."""
    return np.searchsorted(day, days, side="right")


def _bound(sheets: Iterator[pd.DataFrame], people: pd.DataFrame, at_once: int) -> Iterator[pd.DataFrame]:
    """So many days' sheets in one frame, with the customers' names: as a category each name is stored once."""
    names = pd.CategoricalDtype(people["customer_id"], ordered=True)
    while some := list(islice(sheets, at_once)):
        frame = pd.concat(some, ignore_index=True)
        ids = pd.Categorical.from_codes(frame.pop("no"), dtype=names, validate=False)
        yield frame.assign(customer_id=ids)


def _stacked(engine: Engine, parts: list[Table]) -> Table:
    named = "select * replace (cast(customer_id as varchar) as customer_id) from"
    return engine.sql("\nunion all\n".join(f"{named} {part.name}" for part in parts))


def _number(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()
