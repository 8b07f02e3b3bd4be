"""Texts as people mistype them: one letter left out, doubled, replaced or changed with its neighbour."""

from functools import cache

import numpy as np

from playbook.sample.names import words

KEYS = "abcdefghijklmnopqrstuvwxyz"


def mistyped(rng, values, digits: bool = False) -> np.ndarray:
    """Each text with one mistake after its first letter; with `digits` only digits are exchanged for others."""
    values = np.asarray(values, dtype=object)
    at, kind, key = rng.random(len(values)), rng.integers(0, 4, len(values)), rng.integers(1, 10, len(values))
    make = _other_digit if digits else _mistake
    drawn = zip(values.tolist(), at.tolist(), kind.tolist(), key.tolist(), strict=True)
    return np.array([make(value, *how) for value, *how in drawn], dtype=object)


def respelt(rng, given) -> np.ndarray:
    """Each Chinese given name with one sign replaced: most by one that sounds alike, others by any."""
    given = np.asarray(given, dtype=object)
    drawn = zip(given.tolist(), rng.random((len(given), 3)).tolist(), strict=True)
    return np.array([_other_sign(name, *how) for name, how in drawn], dtype=object)


def _mistake(text: str, at: float, kind: int, key: int) -> str:
    if len(text) < 3:
        return text
    place = 1 + int(at * (len(text) - 2))
    before, here, after = text[:place], text[place], text[place + 1 :]
    swapped = before + after[:1] + here + after[1:]
    other = KEYS[(KEYS.find(here.lower()) + key) % len(KEYS)]
    return (before + after, before + here * 2 + after, before + other + after, swapped)[kind]


def _other_digit(text: str, at: float, kind: int, key: int) -> str:
    """One digit another one, or two neighbours exchanged."""
    place = 3 + int(at * (len(text) - 4))
    if kind == 0 and text[place] != text[place + 1]:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + str((int(text[place]) + key) % 10) + text[place + 1 :]


def _other_sign(name: str, at: float, which: float, alike: float) -> str:
    place = int(at * len(name))
    given, sign = words()["given"], name[place]
    if sign not in given:
        return name
    same = [other for other in _by_sound()[given[sign]] if other != sign]
    others = same if same and alike < 0.7 else list(given)
    return name[:place] + others[int(which * len(others))] + name[place + 1 :]


@cache
def _by_sound() -> dict[str, list[str]]:
    signs: dict[str, list[str]] = {}
    for sign, sound in words()["given"].items():
        signs.setdefault(sound, []).append(sign)
    return signs
