"""Companies: one key whatever the legal form is called, and the branch apart, so that parent and branch stay two."""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import pandas as pd

from playbook.integration.normalise.letters import plain
from playbook.integration.normalise.words import words


class Company(NamedTuple):
    """A company's name taken apart: the company without its legal form, and the branch ('' for the company itself)."""

    company: str
    company_key: str
    branch_key: str


def companies(given: Iterable[str]) -> pd.DataFrame:
    """One row per different name: the fields of `Company`."""
    return pd.DataFrame([company(text) for text in sorted(set(given))], columns=Company._fields)


def company(text: str) -> Company:
    """A company's name taken apart; a name that is nothing but legal forms stays as it is."""
    whole = _bare(text)
    parent, branch = _split(whole)
    return Company(text, _without_forms(parent) or whole, _without_forms(branch) if branch else "")


def _bare(text: str) -> str:
    text = re.sub(r"[.'’]", "", plain(text))
    return " ".join(re.sub(r"[()（）【】\[\],，、·\-–/\"“”]", " ", text).split())


def _split(whole: str) -> tuple[str, str]:
    """The company and its branch: what follows the legal form and ends as branches do."""
    if found := _chinese_branch().fullmatch(whole):
        return found["parent"], found["branch"]
    if found := _other_branch().fullmatch(whole):
        return found["parent"], found["branch"]
    return whole, ""


def _without_forms(name: str) -> str:
    bare, before = name.strip(), ""
    while bare != before:
        before, bare = bare, _form_at_end().sub("", bare).strip(" &")
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", bare)


@cache
def _form_at_end() -> re.Pattern:
    forms = sorted(words("company_forms"), key=len, reverse=True)
    latin, signs = ([re.escape(form) for form in forms if form.isascii() is ascii_] for ascii_ in (True, False))
    return re.compile(rf"(?:(?:^|\s)(?:{'|'.join(latin)})|(?:{'|'.join(signs)}))$")


@cache
def _chinese_branch() -> re.Pattern:
    ends = "|".join(words("branches"))
    return re.compile(rf"(?P<parent>.*(?:(?<!分)公司|集团|银行))\s*(?P<branch>.+(?:{ends}))")


@cache
def _other_branch() -> re.Pattern:
    ends, forms = "|".join(words("branch_words")), "|".join(f for f in words("company_forms") if f.isascii())
    after_form = rf"(?P<parent>.+\s(?:{forms}))\s(?P<branch>.*\b(?:{ends})(?:\s.*)?)"
    return re.compile(after_form)
