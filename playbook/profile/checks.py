"""Do the rules of a profile make sense together? Duplicate, unreachable and hasty tiers are refused."""

from sqlglot import exp

from playbook.profile import reach, rules

#: What a customer's first purchase cycle says nothing about yet.
FREQUENCY_COLUMNS = ("f_score", "frequency")


class Unusable(ValueError):
    """A rule that cannot stand among the others; `loc` is its path of keys in the profile."""

    def __init__(self, loc: tuple[str, ...], message: str):
        super().__init__(message)
        self.loc = loc


def check_rules(profile) -> None:
    """Raise `Unusable` for the first tier or stage whose rule cannot stand where it stands."""
    for part in ("tiers", "lifecycle"):
        tiers = {key: tier.rule for key, tier in getattr(profile, part).items()}
        trees = {key: rules.condition(rule, profile.rule_columns, profile.constants) for key, rule in tiers.items()}
        _check_rest(part, tiers)
        _check_duplicates(part, tiers)
        _check_reach(part, tiers, trees)
    _check_new(profile)


def _check_rest(part: str, tiers: dict[str, str]) -> None:
    last = list(tiers)[-1]
    if tiers[last].lower() != "true":
        raise Unusable(
            (part, last, "rule"),
            f"the last of {part} must catch the rest; give it 'rule: true', or move the one that has it to the end.",
        )


def _check_duplicates(part: str, tiers: dict[str, str]) -> None:
    seen: dict[str, str] = {}
    for key, rule in tiers.items():
        if rule in seen:
            message = f"'{rule}' is already the rule of '{seen[rule]}'; remove one of the two or change its rule."
            raise Unusable((part, key, "rule"), message)
        seen[rule] = key


def _check_reach(part: str, tiers: dict[str, str], trees: dict[str, exp.Expression]) -> None:
    for key, takers in reach.unreached(trees).items():
        taken = ", ".join(f"'{taker}' ({tiers[taker]})" for taker in takers)
        why = f"{taken} before it takes them all; move it up or narrow that" if takers else "it never holds"
        raise Unusable((part, key, "rule"), f"no customer can reach '{tiers[key]}': {why}.")


def _check_new(profile) -> None:
    for key, tier in profile.tiers.items():
        tree = rules.condition(tier.rule, profile.rule_columns, profile.constants)
        columns = {column.name for column in tree.find_all(exp.Column)}
        if "days_since_first" in columns:
            return
        if columns & {*FREQUENCY_COLUMNS, *profile.measures}:
            raise Unusable(
                ("tiers", key, "rule"),
                f"'{tier.rule}' judges customers by frequency before one purchase cycle has passed; put a tier such as"
                " 'new: {rule: days_since_first <= purchase_cycle_days}' before it.",
            )
