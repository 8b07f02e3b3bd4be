"""Rules: equal meaning in SQL and in the search for unreachable tiers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.profile import rules
from playbook.profile.reach import unreached
from playbook.tables.engine import Engine
from playbook.tables.expressions import ExpressionError

COLUMNS = ("frequency", "monetary")
CONDITIONS = st.builds(
    "{} {} {}".format, st.sampled_from(COLUMNS), st.sampled_from([">", ">=", "<", "<=", "=", "<>"]), st.integers(0, 9)
)
RULES = st.recursive(
    CONDITIONS, lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner), max_leaves=4
)
ENGINE = Engine()
GRID = "select x.i as frequency, y.i / 2 as monetary from range(0, 12) as x(i), range(-4, 24) as y(i)"


def reached_by_trying(ordered):
    case = rules.first_match(ordered.items(), COLUMNS)
    return {row[0] for row in ENGINE.sql(f"select distinct {case} from ({GRID})").rows()}


@given(st.lists(RULES, min_size=1, max_size=4, unique=True))
def test_a_rule_is_unreachable_exactly_if_no_customer_of_a_fine_grid_reaches_it(drawn):
    ordered = {f"t{number}": rule for number, rule in enumerate(drawn)}
    trees = {key: rules.condition(rule, COLUMNS) for key, rule in ordered.items()}
    assert set(unreached(trees)) == set(ordered) - reached_by_trying(ordered)


def test_an_unknown_value_satisfies_no_comparison_and_no_denial():
    for rule in ("recency_days > 9", "not recency_days > 9", "recency_days <> 9"):
        sql = rules.compile_rule(rule, ["recency_days"])
        assert ENGINE.sql(f"select {sql} from (select cast(null as bigint) as recency_days)").scalar() is False


@pytest.mark.parametrize("rule", ["frequency > $x", "frequency > (select 1)", "exists(from t)", "frequency > any([1])"])
def test_only_what_is_listed_reaches_the_engine(rule):
    with pytest.raises(ExpressionError):
        rules.compile_rule(rule, COLUMNS)
