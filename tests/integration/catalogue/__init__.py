"""The catalogue of inputs: every file that companies have been seen to export, and what becomes of it."""

from catalogue import amounts, encodings, keys, shapes, sheets, times
from catalogue.case import Case

CASES: tuple[Case, ...] = tuple(
    case for group in (encodings, shapes, times, amounts, keys, sheets) for case in group.CASES
)
