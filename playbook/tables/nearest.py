"""What a misspelt name was probably meant to be."""

import difflib
from collections.abc import Iterable

#: How alike a name must be to be suggested, from 0 to 1, and how much less than the first a second or third may be.
LEAST_ALIKE, AS_GOOD = 0.5, 0.15
#: More names than this are not listed.
MOST_LISTED = 25


def nearest(name: object, names: Iterable[str]) -> str:
    """The end of a message about an unknown name: the most similar names, or the first of all there are.

    >>> nearest("amuont", ["amount", "discount", "store"])
    "did you mean 'amount'?"
    >>> nearest("x", ["amount", "store"])
    'there are: amount, store.'
    """
    by_folded = {candidate.casefold(): candidate for candidate in sorted(names)}
    close = difflib.get_close_matches(str(name).casefold(), by_folded, n=3, cutoff=LEAST_ALIKE)
    if close:
        alike = [difflib.SequenceMatcher(None, match, str(name).casefold()).ratio() for match in close]
        best = [match for match, ratio in zip(close, alike, strict=True) if ratio >= alike[0] - AS_GOOD]
        return "did you mean " + " or ".join(f"'{by_folded[match]}'" for match in best) + "?"
    listed = ", ".join(list(by_folded.values())[:MOST_LISTED])
    more = ", ..." if len(by_folded) > MOST_LISTED else ""
    return f"there are: {listed}{more}." if listed else "there is none at all."
