"""Do the rules of a profile make sense together? Duplicate, unreachable and hasty tiers are refused."""

from typing import TYPE_CHECKING

from sqlglot import exp

from playbook.profile import reach, rules
from playbook.profile.errors import Mistake

if TYPE_CHECKING:
    from playbook.profile.models import Profile

#: What a customer's first purchase cycle says nothing about yet.
FREQUENCY_COLUMNS = ("f_score", "frequency")


def check_rules(profile: "Profile") -> None:
    """Raise `Mistake` for the first tier or stage whose rule cannot stand where it stands."""
    for part in ("tiers", "lifecycle"):
        tiers = {key: tier.rule for key, tier in getattr(profile, part).items()}
        trees = {key: rules.condition(rule, profile.rule_columns, profile.constants) for key, rule in tiers.items()}
        _check_rest_and_duplicates(part, tiers)
        for key, takers in reach.unreached(trees).items():
            taken = ", ".join(f"'{taker}' ({tiers[taker]})" for taker in takers)
            why = f"{taken} before it takes them all; move it up or narrow that" if takers else "it never holds"
            raise Mistake((part, key, "rule"), f"no customer can reach '{tiers[key]}': {why}.")
        if part == "tiers":
            _check_new(profile, tiers, trees)


def _check_rest_and_duplicates(part: str, tiers: dict[str, str]) -> None:
    last = list(tiers)[-1]
    if tiers[last].lower() != "true":
        message = (
            f"the last of {part} must catch the rest; give it 'rule: true', or move the one that has it to the end."
        )
        raise Mistake((part, last, "rule"), message)
    keys: dict[str, str] = {}
    for key, rule in tiers.items():
        if rule in keys:
            message = f"'{rule}' is already the rule of '{keys[rule]}'; remove one of the two or change its rule."
            raise Mistake((part, key, "rule"), message)
        keys[rule] = key


def _check_new(profile: "Profile", tiers: dict[str, str], trees: dict[str, exp.Expression]) -> None:
    for key, tree in trees.items():
        columns = {column.name for column in tree.find_all(exp.Column)}
        if "days_since_first" in columns:
            return
        if columns & {*FREQUENCY_COLUMNS, *profile.measures}:
            raise Mistake(
                ("tiers", key, "rule"),
                f"'{tiers[key]}' judges customers by frequency before one purchase cycle has passed; put a tier such as"
                " 'new: {rule: days_since_first <= purchase_cycle_days}' before it.",
            )
