"""Registers of people in three systems with planted truth: the same person under other names, numbers and addresses."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import yaml

from linkage_data.misspelt import mistyped, respelt
from playbook.sample.names import DOMAINS, names, phones, pick, places, texts


class Dirt(NamedTuple):
    """How often a record has a field at all, and how often it has it wrong or otherwise than other records."""

    typo_in_name: float = 0.02
    other_form: float = 0.15  # a short form in English, pinyin in Chinese
    title: float = 0.04
    changed_phone: float = 0.07
    mistyped_phone: float = 0.02
    other_email: float = 0.1
    mistyped_email: float = 0.02
    moved: float = 0.1
    mistyped_birth: float = 0.02
    twice: float = 0.03  # two records of one person in one register


class Register(NamedTuple):
    """A system: the share of people it knows, and how often its records carry each field."""

    share: float
    carries: dict[str, float]


REGISTERS = {
    "crm": Register(0.6, {"phone": 0.9, "email": 0.6, "birth_date": 0.7, "gender": 0.8, "address": 0.75, "card": 0.9}),
    "shop": Register(
        0.55, {"phone": 0.7, "email": 0.9, "birth_date": 0.2, "gender": 0.3, "address": 0.85, "card": 0.0}
    ),
    "pos": Register(0.5, {"phone": 0.75, "email": 0.1, "birth_date": 0.3, "gender": 0.5, "address": 0.15, "card": 0.3}),
}
DEFAULT = Dirt()
HOUSEHOLDS = 0.3  # people who live with another: one address, often one surname
SAME_SURNAME, SAME_PHONE, SAME_EMAIL, TWINS = 0.8, 0.25, 0.05, 0.02
FIELDS = ("name", "phone", "email", "birth_date", "gender", "address", "card")


def make_registers(rng, records: int, language: str = "en", dirt: Dirt = DEFAULT) -> pd.DataFrame:
    """About `records` records, one row each: source, source_key, person, name, phone, email, birth_date, gender, city,
    postcode, address, card; '' is unknown. `language` is en or zh."""
    people = _people(rng, round(records / _records_each(dirt)), language)
    parts = [_register(rng, source, people, language, dirt) for source in REGISTERS]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.iloc[rng.permutation(len(rows))].reset_index(drop=True)
    return rows.assign(source_key=texts(rng.permutation(len(rows)), 8))


def _records_each(dirt: Dirt) -> float:
    return sum(register.share for register in REGISTERS.values()) * (1 + dirt.twice)


def _people(rng, count: int, language: str) -> pd.DataFrame:
    people = _named(rng, count, language)
    people["phone"] = phones(rng, count)
    people["birth_date"] = _births(rng, count)
    people["gender"] = pick(rng, ["male", "female"], count)
    people["card"] = texts(rng.permutation(count) + 10**7)
    homes = _homes(rng, count, language)
    return _with_households(rng, pd.concat([people, homes], axis=1)).pipe(_with_emails, rng)


def _named(rng, count: int, language: str) -> pd.DataFrame:
    """family, given, and how both are written otherwise: other_family, other_given; letters for the e-mail."""
    if language == "zh":
        drawn = names(rng, count)
        given = drawn.given_pinyin.str.capitalize()
        return drawn[["family", "given"]].assign(
            other_family=drawn.family_pinyin,
            other_given=given,
            letters=drawn.family_pinyin.str.lower() + drawn.given_pinyin,
        )
    family, given = (_common(rng, english()[kind], count) for kind in ("surnames", "given"))
    short = np.array([english()["nicknames"].get(name, name) for name in given], dtype=object)
    letters = pd.Series(given, dtype=object).str.lower() + "." + pd.Series(family, dtype=object).str.lower()
    return pd.DataFrame(
        {"family": family, "given": given, "other_family": family, "other_given": short, "letters": letters},
        dtype=object,
    )


def _common(rng, values: list, count: int) -> np.ndarray:
    return pick(rng, values, count, weights=1 / np.arange(8, len(values) + 8))


def _births(rng, count: int) -> np.ndarray:
    days = np.datetime64("1945-01-01") + rng.integers(0, 365 * 61, count)
    return days.astype(str).astype(object)


def _homes(rng, count: int, language: str) -> pd.DataFrame:
    if language == "zh":
        home = places(rng, count)
        return home.assign(postcode=_postcodes(home.city, home.address))
    city = _common(rng, english()["cities"], count)
    road = pick(rng, english()["streets"], count) + " " + pick(rng, english()["kinds"], count)
    flat = np.where(rng.random(count) < 0.3, ", Flat " + texts(rng.integers(1, 40, count)), "")
    address = texts(rng.integers(1, 250, count)) + " " + road + flat
    return pd.DataFrame(
        {"city": city, "region": "", "address": address, "postcode": _postcodes(city, road)}, dtype=object
    )


def _postcodes(city, place) -> np.ndarray:
    """Six digits: of the city, and of one of a hundred districts in it."""
    towns = pd.factorize(np.asarray(city), sort=True)[0] * 37 + 1000
    districts = pd.util.hash_array(np.asarray(place, dtype=object)) % 100
    return texts(towns * 100 + districts.astype(int), 6)


def _with_households(rng, people: pd.DataFrame) -> pd.DataFrame:
    """Pairs share an address; most of them a surname, some a phone; twins their birth besides."""
    first, second = rng.permutation(len(people))[: 2 * round(HOUSEHOLDS * len(people) / 2)].reshape(2, -1)
    drawn = rng.random((4, len(first)))
    twins = drawn[3] < TWINS
    shared = dict.fromkeys(("address", "city", "region", "postcode"), drawn[0] < 2)
    shared |= dict.fromkeys(("family", "other_family"), (drawn[1] < SAME_SURNAME) | twins)
    shared |= {"phone": drawn[2] < SAME_PHONE, "birth_date": twins}
    columns = {name: people[name].to_numpy(object).copy() for name in shared}
    for name, which in shared.items():
        columns[name][second[which]] = columns[name][first[which]]
    return people.assign(**columns)


def _with_emails(people: pd.DataFrame, rng) -> pd.DataFrame:
    numbers = texts(rng.integers(1, 1000, len(people)))
    local = people.letters + numbers
    twice = local.duplicated(keep=False)
    local = np.where(twice, local + texts(10 + np.arange(len(people))), local)
    return people.assign(email=local + "@" + rng.choice(DOMAINS, len(people)))


def _register(rng, source: str, people: pd.DataFrame, language: str, dirt: Dirt) -> pd.DataFrame:
    members = np.flatnonzero(rng.random(len(people)) < REGISTERS[source].share)
    who = np.concatenate([members, members[rng.random(len(members)) < dirt.twice]])
    true = people.iloc[who].reset_index(drop=True)
    record = {"source": source, "person": texts(who), "name": _name(rng, true, language, dirt)}
    record |= {"phone": _phone(rng, true, dirt), "email": _email(rng, true, dirt)}
    record |= {
        "birth_date": _birth(rng, true, dirt),
        "gender": true.gender.to_numpy(object),
        "card": true.card.to_numpy(object),
    }
    record |= _home(rng, true, people, dirt)
    return _kept(rng, pd.DataFrame(record, dtype=object), REGISTERS[source])


def _name(rng, true: pd.DataFrame, language: str, dirt: Dirt) -> np.ndarray:
    other, wrong, titled = (rng.random(len(true)) < share for share in (dirt.other_form, dirt.typo_in_name, dirt.title))
    family, given = (np.where(other, true[f"other_{part}"], true[part]).astype(object) for part in ("family", "given"))
    if language == "zh":
        given = np.where(wrong & ~other, respelt(rng, given), given)
        given = np.where(wrong & other, mistyped(rng, given), given)
        turned = other & (rng.random(len(true)) < 0.3)
        whole = np.where(other, np.where(turned, given + " " + family, family + " " + given), family + given)
        return np.where(titled & ~other, whole + pick(rng, ["先生", "女士"], len(true)), whole)
    at_family = rng.random(len(true)) < 0.5
    family = np.where(wrong & at_family, mistyped(rng, family), family)
    given = np.where(wrong & ~at_family, mistyped(rng, given), given)
    turned = rng.random(len(true)) < 0.05
    whole = np.where(turned, family + ", " + given, given + " " + family)
    return np.where(titled & ~turned, pick(rng, ["Mr ", "Mrs ", "Ms. ", "Dr "], len(true)) + whole, whole)


def _phone(rng, true: pd.DataFrame, dirt: Dirt) -> np.ndarray:
    drawn, phone = rng.random(len(true)), true.phone.to_numpy(object)
    changed, wrong = drawn < dirt.changed_phone, drawn > 1 - dirt.mistyped_phone
    return np.select([changed, wrong], [phones(rng, len(true)), mistyped(rng, phone, digits=True)], phone).astype(
        object
    )


def _email(rng, true: pd.DataFrame, dirt: Dirt) -> np.ndarray:
    drawn, email = rng.random(len(true)), true.email.to_numpy(object)
    other = "u" + texts(rng.integers(10**7, 10**8, len(true))) + "@" + rng.choice(DOMAINS, len(true))
    local, domain = (true.email.str.split("@").str[part].to_numpy(object) for part in (0, 1))
    wrong = mistyped(rng, local) + "@" + domain
    return np.select([drawn < dirt.other_email, drawn > 1 - dirt.mistyped_email], [other, wrong], email).astype(object)


def _birth(rng, true: pd.DataFrame, dirt: Dirt) -> np.ndarray:
    """The day a little off, or read as the month where it can be one."""
    drawn, birth = rng.random(len(true)), true.birth_date
    turned = birth.str[:4] + "-" + birth.str[8:] + "-" + birth.str[5:7]
    can = birth.str[8:].astype(int) <= 12
    off = birth.str[:8] + texts(rng.integers(1, 29, len(true)), 2)
    wrong = np.where(can & (drawn < dirt.mistyped_birth / 2), turned, off)
    return np.where(drawn < dirt.mistyped_birth, wrong, birth).astype(object)


def _home(rng, true: pd.DataFrame, people: pd.DataFrame, dirt: Dirt) -> dict[str, np.ndarray]:
    elsewhere = people.iloc[rng.integers(0, len(people), len(true))]
    moved = rng.random(len(true)) < dirt.moved
    return {
        name: np.where(moved, elsewhere[name].to_numpy(object), true[name].to_numpy(object))
        for name in ("city", "postcode", "address")
    }


def _kept(rng, record: pd.DataFrame, register: Register) -> pd.DataFrame:
    for field, share in register.carries.items():
        lost = rng.random(len(record)) >= share
        for column in ("address", "city", "postcode") if field == "address" else (field,):
            record.loc[lost, column] = ""
    return record


@cache
def english() -> dict:
    """What `names_en.yml` lists, by kind."""
    return yaml.safe_load(Path(__file__).with_name("names_en.yml").read_text(encoding="utf-8"))
