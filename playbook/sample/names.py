"""Names, phones, e-mails and addresses of people who do not exist."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

DOMAINS = np.array(["example.com", "example.cn", "mail.example.com", "mail.example.cn"], dtype=object)


@cache
def words() -> dict:
    """What `names.yml` lists, by kind."""
    return yaml.safe_load(Path(__file__).with_name("names.yml").read_text(encoding="utf-8"))


def names(rng, count: int) -> pd.DataFrame:
    """`count` random names: family and given name, each as written and in pinyin."""
    family, given, second = (_letters(rng, kind, count) for kind in ("surnames", "given", "given"))
    short = rng.random(count) < 0.25
    return pd.DataFrame(
        {
            "family": family[0],
            "given": given[0] + np.where(short, "", second[0]),
            "family_pinyin": family[1],
            "given_pinyin": given[1] + np.where(short, "", second[1]),
        },
        dtype=object,
    )


def phones(rng, count: int) -> np.ndarray:
    """`count` different mobile numbers in ranges that are in use."""
    return texts(
        rng.choice(words()["phone_prefixes"], count) * 10**8 + rng.choice(10**8, count, replace=False, shuffle=False)
    )


def places(rng, count: int) -> pd.DataFrame:
    """City, province and street address."""
    cities = words()["cities"]
    city = pick(rng, list(cities), count, weights=1 / np.arange(2, len(cities) + 2))
    road, number, flat = pick(rng, words()["roads"], count), rng.integers(1, 300, count), rng.integers(101, 2899, count)
    address = city + road + texts(number) + "号" + texts(flat) + "室"
    return pd.DataFrame({"city": city, "region": [cities[name] for name in city], "address": address}, dtype=object)


def pick(rng, values, count: int, weights=None) -> np.ndarray:
    """`count` of the values at random, as an array of objects."""
    share = None if weights is None else np.asarray(weights) / np.sum(weights)
    return np.array(values, dtype=object)[rng.choice(len(values), count, p=share)]


def texts(numbers, width: int = 0) -> np.ndarray:
    """Whole numbers as texts, filled with zeros up to `width`."""
    return np.array([f"{number:0{width}d}" for number in np.asarray(numbers).tolist()], dtype=object)


def _letters(rng, kind, count):
    table = words()[kind]
    weights = 1 / np.arange(8, len(table) + 8)
    which = rng.choice(len(table), count, p=weights / weights.sum())
    return np.array(list(table), dtype=object)[which], np.array(list(table.values()), dtype=object)[which]
