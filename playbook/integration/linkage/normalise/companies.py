"""Companies: one key whatever the legal form is called, and the branch apart, so that parent and branch stay two."""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import pandas as pd

from playbook.integration.types.letters import plain
from playbook.integration.types.words import words

_OPENING, _CLOSING = r"(（【\[", r")）】\]"
_LONGEST = 200  # characters that a company's name may have; what follows is none of it
#: Words that make a name a branch's even where no legal form stands before it; some languages put the place behind.
_OTHER_FIRST = "filiale|zweigniederlassung|niederlassung|succursale"
_OTHER_PLAIN = f"branch|{_OTHER_FIRST}"


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
    spelled = _without_notes(re.sub(r"[.'’]", "", plain(text[:_LONGEST])))
    whole = _bare(spelled)
    parent, branch = _in_brackets(spelled) or _split(whole)
    return Company(text, _without_forms(parent) or whole, _place_of(branch))


def _bare(text: str) -> str:
    return " ".join(re.sub(rf"[{_OPENING}{_CLOSING},，、·\-–/\"“”]", " ", text).split())


def _without_notes(text: str) -> str:
    """Without what registers write in brackets behind a name: 'deregistered', 'general partnership'."""
    notes = _any(words("company_notes"))
    return re.sub(rf"(?<=\S)\s?[{_OPENING}](?:{notes})[^{_CLOSING}]*[{_CLOSING}]\s*$", "", text)


def _in_brackets(text: str) -> tuple[str, str] | None:
    """The company and what stands in brackets behind its legal form: 有限公司(北京), Inc (Shanghai)."""
    found = re.fullmatch(rf"(.+)[{_OPENING}]([^{_OPENING}{_CLOSING}]+)[{_CLOSING}]\s*", text)
    parent, inside = (_bare(part) for part in found.groups()) if found else ("", "")
    ends_in_form = _without_forms(parent) not in ("", _joined(parent))
    return (parent, inside) if ends_in_form and _without_forms(inside) else None


def _split(whole: str) -> tuple[str, str]:
    """The company and its branch: what ends as branches do, behind a legal form, a place, or any word."""
    for pattern in _branches():
        if found := pattern.fullmatch(whole):
            return found["parent"], found["branch"]
    return whole, ""


def _place_of(branch: str) -> str:
    """A branch without the words that say only that it is one: 北京分公司 and (北京) alike."""
    bare = _without_forms(branch)
    return re.sub(rf"^(?:{_OTHER_PLAIN})\s|\s(?:{_OTHER_PLAIN})$|(?<=.)分$", "", bare)


def _without_forms(name: str) -> str:
    bare, before = name.strip(), ""
    while bare != before:
        before, bare = bare, _form_at_end().sub("", bare).strip(" &")
    return _joined(bare)


def _joined(name: str) -> str:
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", name)


@cache
def _form_at_end() -> re.Pattern:
    forms = sorted(words("company_forms"), key=len, reverse=True)
    latin, signs = ([re.escape(form) for form in forms if form.isascii() is ascii_] for ascii_ in (True, False))
    return re.compile(rf"(?:(?:^|\s)(?:{'|'.join(latin)})|(?:{'|'.join(signs)}))$")


@cache
def _branches() -> tuple[re.Pattern, ...]:
    """How a branch is told, the surest way first."""
    ends, parts, latin = (_any(words(kind)) for kind in ("branches", "branch_parts", "branch_words"))
    forms = _any(form for form in words("company_forms") if form.isascii())
    places = _any([*words("provinces"), *words("branch_places")])
    two_words = "(?:(?:hong|new|san|los|saint|st|fort|port) )?\\S+"
    written = (
        rf"(?P<parent>.*(?:(?<!分)公司|集团|银行))\s*(?P<branch>.+(?:{ends}|{parts}))",
        rf"(?P<parent>.{{2,}})(?P<branch>(?:{places}).{{0,6}}(?:{ends}|[大东]?区))",
        rf"(?P<parent>.{{2,}})(?P<branch>[^\x00-\x7f]{{2}}(?:{ends}))",
        rf"(?P<parent>.+\s(?:{forms}))\s(?P<branch>.*\b(?:{latin})(?:\s.*)?)",
        rf"(?P<parent>(?!the\s).+?)\s(?P<branch>{two_words}\s(?:{_OTHER_PLAIN}))",
        rf"(?P<parent>.+?)\s(?P<branch>(?:{_OTHER_FIRST})\s.+)",
    )
    return tuple(re.compile(each) for each in written)


def _any(of: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in of)
