"""The systems' records of each person: their keys, the identifiers they carry, and whether these tie them together."""

import numpy as np
import pandas as pd

from playbook.sample.names import phones

SLOTS = {"crm": "crm", "shop": "shop", "card": "pos", "phone": "pos"}  # kind of record: the source that keeps it
FIRST_KEYS = {"crm": 200_001, "shop": 3_100_001, "pos": 700_001}
PREFIXES = {"crm": "M", "shop": "", "pos": "K"}
CRM_PHONE, CRM_EMAIL = 0.96, 0.6  # how often a record carries the identifier
SHOP_PHONE, SHOP_PINYIN = 0.72, 0.2
TILL_NAME = 0.85
OTHER_IDENTITY = 0.07  # web-shop accounts under another e-mail and a phone given up since
CHANGED_PHONE, MISTYPED_PHONE = 0.07, 0.03  # of the phones given at the till


def make_records(rng, people: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """One row per record: holder, slot, source, source_key, name, phone, email, card ('' = none), linkable."""
    in_shop, by_card = orders.source == "shop", orders.by_card
    holders = {
        "crm": people.is_member,
        "shop": people.index.isin(orders.holder[in_shop]) | people.app_only,
        "card": people.index.isin(orders.holder[by_card]),
        "phone": people.index.isin(orders.holder[~in_shop & ~by_card]),
    }
    records = pd.concat([_of_slot(rng, slot, people[holders[slot]]) for slot in SLOTS], ignore_index=True)
    records["source_key"] = _keys(rng, records.source)
    return records.assign(linkable=_linkable(records))


def record_of(orders: pd.DataFrame, records: pd.DataFrame) -> np.ndarray:
    """The row of `records` under which each order is kept; -1 for none."""
    slot = np.select([orders.source == "shop", orders.by_card], ["shop", "card"], "phone")
    wanted = pd.MultiIndex.from_arrays([orders.holder, slot])
    return pd.MultiIndex.from_frame(records[["holder", "slot"]]).get_indexer(wanted)


def _of_slot(rng, slot, people):
    people = people.rename_axis("holder").reset_index()
    empty = {"name": people.family + people.given, "phone": "", "email": "", "card": ""}
    fields = {"crm": _crm, "shop": _shop, "card": _card, "phone": _phone}[slot](rng, people, empty["name"])
    records = pd.DataFrame(empty | fields, dtype=object)
    return records.assign(holder=people.holder, slot=slot, source=SLOTS[slot])


def _crm(rng, people, name):
    phone, email = _some(rng, people.phone, CRM_PHONE), _some(rng, people.email, CRM_EMAIL)
    return {"phone": phone, "email": email, "card": people.card}


def _shop(rng, people, name):
    phone = _some(rng, people.phone, SHOP_PHONE)
    other = rng.random(len(people)) < OTHER_IDENTITY
    pinyin = people.family_pinyin + " " + people.given_pinyin.str.capitalize()
    fields = {
        "phone": np.where(other & (phone != ""), phones(rng, len(people)), phone),
        "email": np.where(other, "my." + people.email, people.email),
        "name": np.where(rng.random(len(people)) < SHOP_PINYIN, pinyin, name),
    }
    return {field: np.where(people.app_only, "", value) for field, value in fields.items()}


def _card(rng, people, name):
    return {"card": people.card, "name": _some(rng, name, TILL_NAME)}


def _phone(rng, people, name):
    drawn, some_names = rng.random(len(people)), _some(rng, name, TILL_NAME)
    changed, mistyped = drawn < CHANGED_PHONE, drawn > 1 - MISTYPED_PHONE
    others = [phones(rng, len(people)), _mistyped(rng, people.phone)]
    phone = np.select([changed, mistyped], others, people.phone.to_numpy(object))
    return {"phone": phone, "name": np.where(people.shares_phone, name, some_names)}


def _some(rng, values, share):
    return np.where(rng.random(len(values)) < share, values, "")


def _mistyped(rng, numbers):
    """Two neighbouring different digits swapped, or the last one raised where they are equal."""
    at = rng.integers(4, 10, len(numbers)).tolist()
    swapped = [number[:i] + number[i + 1] + number[i] + number[i + 2 :] for number, i in zip(numbers, at, strict=True)]
    raised = [number[:-1] + str((int(number[-1]) + 1) % 10) for number in numbers]
    return np.where(numbers == np.array(swapped, dtype=object), raised, swapped).astype(object)


def _keys(rng, sources):
    keys = np.empty(len(sources), dtype=object)
    for source, first in FIRST_KEYS.items():
        mine = np.flatnonzero(sources == source)
        keys[mine] = [f"{PREFIXES[source]}{number}" for number in (first + rng.permutation(len(mine))).tolist()]
    return keys


def _linkable(records):
    """Whether a record hangs together with the largest group of its person's records by exact identifiers."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ties = records.melt(["holder"], ["email", "card", "phone"], ignore_index=False).query("value != ''")
    value = ties.groupby(["holder", "variable", "value"]).ngroup().to_numpy()
    size = len(records) + len(ties)
    graph = coo_array((np.ones(len(ties)), (ties.index.to_numpy(), len(records) + value)), shape=(size, size))
    group = connected_components(graph, directed=False)[1][: len(records)]
    sizes = pd.DataFrame({"holder": records.holder, "group": group})
    sizes["size"] = sizes.groupby("group").group.transform("size")
    main = sizes.sort_values(["holder", "size", "group"], ascending=[True, False, True]).drop_duplicates("holder")
    return group == records.holder.map(main.set_index("holder").group).to_numpy()
