"""Which records are compared at all: those that share one of the profile's blocks, where a block is no crowd."""

from collections.abc import Iterable, Sequence

from playbook.tables.engine import Engine, Table, identifier

#: A block with more records than this says too little: whoever is alike shares another, smaller one.
LARGEST_BLOCK = 150


def usable(columns: Iterable[str], blocks: Sequence[Sequence[str]]) -> list[list[str]]:
    """The blocks all of whose columns the records have."""
    known = set(columns)
    return [list(block) for block in blocks if set(block) <= known]


def pairs(engine: Engine, compared: Table, blocks: Sequence[Sequence[str]]) -> Table:
    """One row per two records of different groups that share a block: record_no_a, record_no_b."""
    parts = [_PAIRED.format(key=_key(block), largest=LARGEST_BLOCK) for block in blocks]
    text = " union ".join(f"({part})" for part in parts) or _NO_PAIR
    return engine.sql(text, compared=compared).materialise()


def _key(block: Sequence[str]) -> str:
    """The columns of a block in one text, null where one of them is."""
    return " || '|' || ".join(f"cast({identifier(name)} as varchar)" for name in block)


_PAIRED = """
  with keyed as (
    select record_no, group_no, {key} as block from compared where {key} is not null
  ),
  small as (
    select block from keyed group by block having count(*) between 2 and {largest} and min(group_no) < max(group_no)
  ),
  held as (
    select k.record_no, k.group_no, k.block from keyed as k join small as s on s.block = k.block
  )
  select a.record_no as record_no_a, b.record_no as record_no_b
  from held as a
  join held as b on b.block = a.block
  where a.record_no < b.record_no and a.group_no <> b.group_no
"""
_NO_PAIR = "select cast(null as bigint) as record_no_a, cast(null as bigint) as record_no_b where false"
