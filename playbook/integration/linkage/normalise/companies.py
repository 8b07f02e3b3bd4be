"""Companies: one key whatever the legal form is called, and the branch apart, so that parent and branch stay two."""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

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


def company(text: str) -> Company:
    """A company's name taken apart; a name that is nothing but legal forms stays as it is.

    1. What registers write in brackets behind a name goes: 'deregistered', 'general partnership'.
    2. The branch stands in brackets behind the legal form, 有限公司(北京), Inc (Shanghai), or it ends as branches do.
    3. A branch is known by its place: 北京分公司 and (北京) alike.

    >>> company("Acme Inc. (Shanghai)")[1:]
    ('acme', 'shanghai')
    """
    spelled = re.sub(r"[.'’]", "", plain(text[:_LONGEST]))
    notes = _any(words("company_notes"))
    spelled = re.sub(rf"(?<=\S)\s?[{_OPENING}](?:{notes})[^{_CLOSING}]*[{_CLOSING}]\s*$", "", spelled)
    whole = _without_signs(spelled)
    brackets = re.fullmatch(rf"(.+)[{_OPENING}]([^{_OPENING}{_CLOSING}]+)[{_CLOSING}]\s*", spelled)
    parent, branch = map(_without_signs, brackets.groups()) if brackets else ("", "")
    if _without_forms(parent) in ("", _joined(parent)) or not _without_forms(branch):  # no legal form, or no branch
        ends = next(filter(None, (pattern.fullmatch(whole) for pattern in _branches())), None)
        parent, branch = ends.group("parent", "branch") if ends else (whole, "")
    place = re.sub(rf"^(?:{_OTHER_PLAIN})\s|\s(?:{_OTHER_PLAIN})$|(?<=.)分$", "", _without_forms(branch))
    return Company(text, _without_forms(parent) or whole, place)


def _without_signs(text: str) -> str:
    return " ".join(re.sub(rf"[{_OPENING}{_CLOSING},，、·\-–/\"“”]", " ", text).split())


def _without_forms(name: str) -> str:
    bare, before = name.strip(), ""
    while bare != before:
        before = bare
        bare = _form_at_end().sub("", bare).strip(" &")
    return _joined(bare)


def _joined(name: str) -> str:
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", name)


@cache
def _form_at_end() -> re.Pattern:
    forms = sorted(words("company_forms"), key=len, reverse=True)
    latin, signs = (_any(form for form in forms if form.isascii() is is_latin) for is_latin in (True, False))
    return re.compile(rf"(?:(?:^|\s)(?:{latin})|(?:{signs}))$")


@cache
def _branches() -> tuple[re.Pattern, ...]:
    """How a branch is recognised, the surest way first."""
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
    return tuple(map(re.compile, written))


def _any(options: Iterable[str]) -> str:
    return "|".join(map(re.escape, options))
