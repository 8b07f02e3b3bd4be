"""How well the customers that were found agree with the people that were planted, by pairs and by records."""

from typing import NamedTuple

import pandas as pd


class Score(NamedTuple):
    """Pairwise precision, recall and F1; B-cubed F1 (Bagga and Baldwin 1998); the most records of one customer."""

    precision: float
    recall: float
    f1: float
    b_cubed: float
    largest: int


def score(found, people) -> Score:
    """`found` and `people`: for each record its customer and its person, in one order."""
    frame = pd.DataFrame({"found": list(found), "person": list(people)})
    both = frame.groupby(["found", "person"]).person.transform("size")
    sizes, records = frame.groupby("found").found.transform("size"), frame.groupby("person").person.transform("size")
    right = _pairs(frame.groupby(["found", "person"]).size())
    precision = right / max(_pairs(frame.groupby("found").size()), 1)
    recall = right / max(_pairs(frame.groupby("person").size()), 1)
    b_cubed = _mean(float((both / sizes).mean()), float((both / records).mean()))
    return Score(precision, recall, _mean(precision, recall), b_cubed, int(sizes.max()))


def _pairs(sizes: pd.Series) -> float:
    return float((sizes * (sizes - 1) / 2).sum())


def _mean(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
