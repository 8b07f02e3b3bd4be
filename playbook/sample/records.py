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
    records = pd.concat([_of_slot(rng, slot, people, orders) for slot in SLOTS], ignore_index=True)
    records["source_key"] = _keys(rng, records.source)
    return records.assign(linkable=_linkable(records))


def record_of(orders: pd.DataFrame, records: pd.DataFrame) -> np.ndarray:
    """The row of `records` under which each order is kept; -1 for none."""
    slot = np.select([orders.source == "shop", orders.by_card], ["shop", "card"], "phone")
    wanted = pd.MultiIndex.from_arrays([orders.holder, slot])
    return pd.MultiIndex.from_frame(records[["holder", "slot"]]).get_indexer(wanted)


def _of_slot(rng, slot, people, orders):
    holders = people[_has(slot, people, orders)]
    fields = {"crm": _crm, "shop": _shop, "card": _card, "phone": _phone}[slot](rng, holders)
    known = pd.DataFrame({"name": _chinese(holders), "phone": "", "email": "", "card": ""}, dtype=object).assign(
        **fields
    )
    return known.assign(holder=holders.index.to_numpy(), slot=slot, source=SLOTS[slot])


def _has(slot, people, orders):
    if slot == "crm":
        return people.is_member
    used = {
        "shop": orders.source == "shop",
        "card": orders.by_card,
        "phone": (orders.source == "pos") & ~orders.by_card,
    }
    return people.index.isin(orders.holder[used[slot]]) | (people.app_only & (slot == "shop"))


def _crm(rng, people):
    return {
        "phone": _some(rng, people.phone, CRM_PHONE),
        "email": _some(rng, people.email, CRM_EMAIL),
        "card": _all(people.card),
    }


def _shop(rng, people):
    phone, email = _some(rng, people.phone, SHOP_PHONE), _all(people.email)
    other = rng.random(len(people)) < OTHER_IDENTITY
    phone = np.where(other & (phone != ""), phones(rng, len(people)), phone)
    email = np.where(other, "my." + email, email)
    name = np.where(rng.random(len(people)) < SHOP_PINYIN, _pinyin(people), _chinese(people))
    return {
        field: np.where(people.app_only, "", value)
        for field, value in (("name", name), ("phone", phone), ("email", email))
    }


def _card(rng, people):
    return {"card": _all(people.card), "name": _some(rng, pd.Series(_chinese(people)), TILL_NAME)}


def _phone(rng, people):
    drawn, name = rng.random(len(people)), _some(rng, pd.Series(_chinese(people)), TILL_NAME)
    changed, mistyped = drawn < CHANGED_PHONE, drawn > 1 - MISTYPED_PHONE
    phone = np.select([changed, mistyped], [phones(rng, len(people)), _mistyped(rng, people.phone)], _all(people.phone))
    return {"phone": phone, "name": np.where(people.shares_phone, _chinese(people), name)}


def _mistyped(rng, numbers):
    """Two neighbouring different digits swapped, or the last one raised where they are equal."""
    at = rng.integers(4, 10, len(numbers)).tolist()
    swapped = [number[:i] + number[i + 1] + number[i] + number[i + 2 :] for number, i in zip(numbers, at, strict=True)]
    raised = [number[:-1] + str((int(number[-1]) + 1) % 10) for number in numbers]
    return np.where(_all(numbers) == np.array(swapped, dtype=object), raised, swapped).astype(object)


def _some(rng, values, share):
    return np.where(rng.random(len(values)) < share, _all(values), "")


def _all(values):
    return values.to_numpy(dtype=object)


def _chinese(people):
    return _all(people.family) + _all(people.given)


def _pinyin(people):
    return _all(people.family_pinyin) + " " + _all(people.given_pinyin.str.capitalize())


def _keys(rng, sources):
    keys = np.empty(len(sources), dtype=object)
    for source, first in FIRST_KEYS.items():
        mine = np.flatnonzero(sources == source)
        keys[mine] = [f"{PREFIXES[source]}{number}" for number in (first + rng.permutation(len(mine))).tolist()]
    return keys


def _linkable(records):
    """Whether a record hangs together with the largest group of its person's records by exact identifiers."""
    group = _groups(records)
    sizes = pd.DataFrame({"holder": records.holder, "group": group})
    sizes["size"] = sizes.groupby("group").group.transform("size")
    main = sizes.sort_values(["holder", "size", "group"], ascending=[True, False, True]).drop_duplicates("holder")
    return group == records.holder.map(main.set_index("holder").group).to_numpy()


def _groups(records):
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ties = records.melt(["holder"], ["email", "card", "phone"], ignore_index=False).query("value != ''")
    value = ties.groupby(["holder", "variable", "value"]).ngroup().to_numpy()
    size = len(records) + len(ties)
    graph = coo_array((np.ones(len(ties)), (ties.index.to_numpy(), len(records) + value)), shape=(size, size))
    return connected_components(graph, directed=False)[1][: len(records)]
