"""Which records are compared at all: those that share one of the profile's blocks, where a block is no crowd."""

from collections.abc import Iterable, Sequence

from playbook.integration.linkage.components import NO_LINKS
from playbook.tables.engine import Engine, Table, identifier

#: A block with more records than this says too little: whoever is alike shares another, smaller one.
LARGEST_BLOCK = 150


def usable(columns: Iterable[str], blocks: Sequence[Sequence[str]]) -> list[list[str]]:
    """The blocks all of whose columns the records have.

    >>> usable(["email", "name_key"], [["email"], ["name_key", "postcode"]])
    [['email']]
    """
    available = set(columns)
    return [list(block) for block in blocks if set(block) <= available]


def block_key(block: Sequence[str]) -> str:
    """The columns of a block as one text in SQL, null where one of them is."""
    return " || '|' || ".join(f"cast({identifier(name)} as varchar)" for name in block)


def pairs(engine: Engine, compared: Table, blocks: Sequence[Sequence[str]]) -> Table:
    """One row per two records of different groups that share a block: record_no_a, record_no_b."""
    parts = [_PAIRED.format(key=block_key(block), largest=LARGEST_BLOCK) for block in blocks]
    text = " union ".join(f"({part})" for part in parts) or f"select record_no_a, record_no_b from ({NO_LINKS})"
    return engine.sql(text, compared=compared).materialise()


_PAIRED = """
  with keyed as (
    select record_no, group_no, {key} as block from compared where {key} is not null
  ),
  small as (
    select block from keyed group by block having count(*) between 2 and {largest} and min(group_no) < max(group_no)
  ),
  blocked as (
    select k.record_no, k.group_no, k.block from keyed as k join small as s on s.block = k.block
  )
  select a.record_no as record_no_a, b.record_no as record_no_b
  from blocked as a
  join blocked as b on b.block = a.block
  where a.record_no < b.record_no and a.group_no <> b.group_no
"""
