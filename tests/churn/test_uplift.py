"""Past recalls: published effects, planted ones, and what is not to be called an effect."""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.churn import findings_recall, learners, qini, uplift, uplift_effects, uplift_judge
from playbook.churn.features import features
from playbook.churn.recall import Terms, Trial, recalled
from playbook.churn.sight import Sight
from playbook.churn.uplift_balance import auc_interval, balance
from playbook.churn.uplift_learn import learn_uplift
from playbook.churn.uplift_value import GivenReturn, given_return, worth_of_return
from playbook.ltv.inputs import inputs
from playbook.tables.engine import Engine
from playbook.tables.schema import schema_of

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import churn_uplift

AS_OF = date(2026, 6, 30)
MEN, WOMEN = churn_uplift.ARMS


@pytest.fixture(scope="module")
def engine():
    return Engine(threads=2)


@pytest.fixture(scope="module")
def planted(engine):
    """20,000 lapsed customers with known effects, and what the playbook finds."""
    sample = churn_uplift.planted(engine, np.random.default_rng([11, 0]), 20_000)
    return sample, churn_uplift.found_in(sample)


def orders(engine, *rows):
    """Orders from lines like 'anna 2026-06-30 20.00'."""
    frame = pd.DataFrame([row.split() for row in rows], columns=["customer_id", "day", "amount"])
    text = """select 'o' || n as order_id, cast(null as varchar) as related_order_id, customer_id,
        cast(day as timestamp) as ordered_at, case when amount < 0 then 'return' else 'purchase' end as kind,
        cast(amount as decimal(18, 2)) as amount, cast(0 as decimal(18, 2)) as discount, 'shop' as channel,
        'shop' as source from raw"""
    frame = frame.assign(n=range(len(frame)), amount=frame.amount.astype(float))
    return engine.sql(text, raw=engine.frame(frame)).materialise()


def treatments(engine, *rows):
    """Treatments from lines like 'spring anna control 2026-05-01'."""
    frame = pd.DataFrame([row.split() for row in rows], columns=["campaign_id", "customer_id", "arm", "day"])
    text = """select campaign_id, customer_id, arm, cast(day as timestamp) as treated_at, 'sms' as channel,
        cast(0.06 as decimal(18, 2)) as cost from raw"""
    return engine.sql(text, raw=engine.frame(frame)).materialise()


def judged(engine, rows, sold, **terms):
    customers = engine.empty(schema_of("customers"))

    def seen(days):
        return features({"orders": sold}, origins=days, sight=Sight(model="bg_nbd"))

    return uplift.winback(rows, sold, customers, as_of=AS_OF, terms=Terms(**terms), features=seen)


# Published


def test_hillstrom_visit_rates(public_data):
    men, women = (churn_uplift.hillstrom(public_data, arm).rows for arm in (MEN, WOMEN))
    assert men[~men.treated].visit.mean() == pytest.approx(0.106167, abs=1e-6)
    assert men[men.treated].visit.mean() == pytest.approx(0.182757, abs=1e-6)
    assert women[women.treated].visit.mean() == pytest.approx(0.151400, abs=1e-6)


@pytest.mark.parametrize(("arm", "lift", "error"), [(MEN, 0.7698, 0.1452), (WOMEN, 0.4244, 0.1303)])
def test_hillstrom_spend_lift_and_its_standard_error(public_data, arm, lift, error):
    rows = churn_uplift.hillstrom(public_data, arm).rows
    found = uplift_effects.effect(rows.spend[rows.treated], rows.spend[~rows.treated])
    assert (found.effect, found.error) == pytest.approx((lift, error), abs=1e-3)
    assert found.low > 0


def test_hillstrom_sample_ratio(public_data):
    sizes = [len(churn_uplift.hillstrom(public_data, arm).rows.query("treated")) for arm in (MEN, WOMEN)]
    sizes += [int((~churn_uplift.hillstrom(public_data, MEN).rows.treated).sum())]
    assert sorted(sizes) == [21306, 21307, 21387]
    assert uplift_effects.sample_ratio(sizes) == pytest.approx(0.904, abs=0.001)


def test_hillstrom_arms_are_balanced_and_visits_after_the_womens_mail_are_ranked_better_than_chance(public_data):
    trial = churn_uplift.hillstrom(public_data, WOMEN)
    assert balance(trial.features, trial.treated).random
    found = learn_uplift([trial])
    row = found.rankings.set_index("score").loc[found.chosen]
    assert found.ranks and row.qini_low > 0.004
    assert row.qini == pytest.approx(0.0073, abs=0.0005)


def test_complete_journeys_targeted_campaigns_are_not_causal_because_frequent_buyers_were_chosen(public_data, engine):
    found = journey(engine, public_data, households="all")
    assert found.kind == "not_causal" and found.reason.key == "imbalanced"
    assert (found.campaigns.auc_low > 0.85).all() and (found.campaigns.difference > 1.5).all()
    assert found.campaigns.effect.isna().all() and found.average is None and found.learned is None


def test_complete_journeys_own_file_names_nobody_left_alone(public_data, engine):
    found = journey(engine, public_data, households="treated")
    assert found.kind == "not_causal" and found.reason.key == "no_control"


def journey(engine, folder, households):
    """Its three large campaigns; `all` compares with every other household, as one is tempted to."""
    path, kept = folder / "complete_journey", "true" if households == "all" else "c.household_id is not null"
    sold = engine.sql(f"""select cast(basket_id as varchar) as order_id, cast(null as varchar) as related_order_id,
        cast(household_id as varchar) as customer_id, min(transaction_timestamp) as ordered_at, 'purchase' as kind,
        cast(sum(sales_value) as decimal(18, 2)) as amount, cast(0 as decimal(18, 2)) as discount, 'store' as channel,
        'till' as source from read_parquet('{path}/transactions.parquet') group by basket_id, household_id""")
    sold = sold.materialise()
    rows = engine.sql(
        f"""select cast(d.campaign_id as varchar) as campaign_id, h.customer_id, d.campaign_type as channel,
        case when c.household_id is null then 'control' else 'coupons' end as arm,
        cast(d.start_date as timestamp) as treated_at, 0.0 as cost
        from read_parquet('{path}/campaign_descriptions.parquet') as d
        cross join (select distinct customer_id from sold) as h
        left join read_parquet('{path}/campaigns.parquet') as c
          on c.campaign_id = d.campaign_id and cast(c.household_id as varchar) = h.customer_id
        where d.campaign_id in (8, 13, 18) and {kept}""",
        sold=sold,
    ).materialise()

    def seen(days):
        return features({"orders": sold}, origins=days, sight=Sight(model="bg_nbd"))

    customers, terms = engine.empty(schema_of("customers")), Terms(lapsed_days=0)
    return uplift.winback(rows, sold, customers, as_of=date(2017, 12, 31), terms=terms, features=seen)


def test_the_size_of_a_test_is_the_tabulated_one():
    assert uplift_effects.sample_size(0.10, 0.02).treated == 3841
    assert uplift_effects.sample_size(0.05, 0.05).treated == 435
    assert uplift_effects.detectable(0.10, 3841, 3841) == pytest.approx(0.02, abs=1e-5)


def test_newcombes_interval_of_56_in_70_against_48_in_80_is_the_published_one():
    found = uplift_effects.effect([1] * 56 + [0] * 14, [1] * 48 + [0] * 32)
    assert (found.effect, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


# Planted


def test_on_20000_customers_a_learner_ranks_better_than_chance_with_its_interval_above_0(planted):
    _, found = planted
    row = found.learned.rankings.set_index("score").loc[found.learned.chosen]
    assert found.kind == "measured" and found.learned.ranks
    assert row.qini_low > 0


def test_the_true_effect_ranks_highest_and_a_constant_not_at_all(planted):
    sample, found = planted
    made = churn_uplift.rankings_in(found, sample).set_index("score").qini
    assert made.idxmax() == "true_effect" and made["constant"] == 0.0
    assert made[found.learned.chosen] > 0.6 * made["true_effect"] > made["returns_anyway"]


def test_the_average_effect_is_in_its_interval_and_scores_come_out_at_it(planted):
    sample, found = planted
    made = found.average.returns
    assert made.low < sample.effect.mean() < made.high
    scored = uplift.score(found, found.learned.trials[0].features)
    assert scored.uplift.mean() == pytest.approx(made.effect, abs=0.004)
    assert np.corrcoef(scored.uplift, sample.effect)[0, 1] > 0.6
    assert scored.p_with.between(0, 1).all()


def test_effects_by_tier_exclude_0_where_the_tier_is_large_and_are_not_given_where_it_is_small(planted):
    sample, found = planted
    tier = np.where(np.arange(20_000) < 40, "tiny", np.where(sample.effect > 0.05, "moved", "unmoved"))
    tiers = pd.DataFrame({"as_of": "2026-03-31", "customer_id": churn_uplift.ids(range(20_000)), "tier": tier})
    table = uplift_judge.by_tier(found.learned.trials, tiers).set_index("tier")
    assert table.low["moved"] > 0 and table.p_holm["moved"] < 0.001
    for key in ("moved", "unmoved"):
        assert table.low[key] < sample.effect[tier == key].mean() < table.high[key]
    assert not table.enough["tiny"] and np.isnan(table.effect["tiny"])


def test_a_control_that_was_chosen_and_not_drawn_is_found_out(engine):
    """Those silent for longest were left alone."""
    rng, n = np.random.default_rng(5), 600
    silent = rng.integers(200, 700, n)
    days = np.datetime64("2026-05-01") - silent
    sold = orders(
        engine, *(f"c{k:03d} {days[k]} {20 + k % 7}" for k in range(n)), *(f"c{k:03d} 2026-05-09 9" for k in range(60))
    )
    arms = np.where(silent + rng.normal(0, 120, n) > 450, "control", "sms")
    found = judged(engine, treatments(engine, *(f"r c{k:03d} {arms[k]} 2026-05-01" for k in range(n))), sold)
    assert found.kind == "not_causal" and found.reason.values["worst"] in (
        "recency_days",
        "tenure_days",
        "silence_ratio",
    )
    assert found.reason.values["auc_low"] > 0.5 and found.average is None


# What counts, and what is left out


def trialled(engine, *, back, day="2026-01-05", silent="2025-01-01", later=()):
    """A campaign drawn by lot: 100 customers per arm, all silent since one day; `back` of each return on the 10th."""
    arms = [(arm, f"{arm}{n:03d}") for arm in back for n in range(100)]
    returned = [f"{who} 2026-01-10 9" for arm, who in arms if int(who[-3:]) < back[arm]]
    sold = orders(engine, *(f"{who} {silent} {9 + int(who[-3:]) % 5}" for _, who in arms), *returned, *later)
    return treatments(engine, *(f"spring {who} {arm} {day}" for arm, who in arms)), sold


def test_an_arm_that_works_is_named_beside_one_that_does_not(engine):
    found = judged(engine, *trialled(engine, back={"control": 5, "men": 6, "women": 30}))
    assert {one.arm: one.returns.low > 0 for one in found.averages} == {"men": False, "women": True}
    assert found.average.arm == "women"
    said = [one.key for one in findings_recall.effects(found, Terms())]
    assert said == ["churn.recall.unsure.arm", "churn.recall.helped.arm"]


def test_a_control_drawn_by_lot_among_active_customers_is_no_missing_control(engine):
    found = judged(engine, *trialled(engine, back={"control": 5, "sms": 30}, silent="2025-12-20"))
    assert (found.kind, found.reason.key) == ("not_enough_data", "too_few")


def test_a_control_that_another_campaign_contacted_is_seen(engine):
    first, sold = trialled(engine, back={"control": 5, "sms": 30})
    second = treatments(engine, *(f"summer control{n:03d} sms 2026-01-07" for n in range(40)))
    both = engine.sql("select * from f union all select * from s", f=first, s=second)
    assert judged(engine, both, sold).disturbed == 40


@pytest.mark.parametrize(("later", "lasts"), [((), True), ("control", False)])
def test_returns_that_are_only_brought_forward_do_not_last(engine, later, lasts):
    followed = [f"{later}{n:03d} 2026-03-01 9" for n in range(30)] if later else []
    found = judged(engine, *trialled(engine, back={"control": 5, "sms": 35}, later=followed))
    assert found.lasting.days.tolist() == [30, 90]
    assert (found.lasting.low > 0).tolist() == [True, lasts]
    assert findings_recall.lasts(found).key == ("churn.lasts" if lasts else "churn.lasts.unsure")


def test_arms_are_compared_with_the_named_control_and_never_pooled(engine):
    sold = orders(
        engine, *(f"c{k:03d} 2025-06-01 10" for k in range(300)), *(f"c{k:03d} 2026-05-09 9" for k in range(150))
    )
    rows = [f"r c{k:03d} {('sms', 'call', 'Control')[k % 3]} 2026-05-01" for k in range(300)]
    found = judged(engine, treatments(engine, *rows), sold)
    assert found.campaigns.set_index("arm")[["n_treated", "n_control"]].values.tolist() == [[100, 100], [100, 100]]
    assert judged(engine, treatments(engine, *rows), sold, control="nobody").reason.key == "no_control"


def test_only_the_lapsed_in_campaigns_that_are_over_count_and_features_end_the_evening_before(engine):
    sold = orders(engine, "lapsed 2025-06-01 10", "lapsed 2026-05-01 30", "lapsed 2026-05-30 30", "lapsed 2026-05-31 7",
                  "active 2026-04-30 10", "late 2025-06-01 10")  # fmt: skip
    sent = treatments(engine, "r lapsed sms 2026-05-01", "r active sms 2026-05-01", "r never sms 2026-05-01",
                      "s late sms 2026-06-15")  # fmt: skip
    rows = recalled(sent, sold, engine.empty(schema_of("customers")), as_of=AS_OF, terms=Terms())
    standing = rows.set_index("customer_id").standing.to_dict()
    assert standing == {"lapsed": "lapsed", "active": "active", "never": "never_bought", "late": "not_over"}
    row = rows.set_index("customer_id").loc["lapsed"]
    assert (row.silent_days, row.orders_before, row.orders, row.sales) == (334, 1, 2, 60.0)


def test_no_campaign_says_how_large_a_test_would_have_to_be(engine):
    sold = orders(
        engine, *(f"c{k:03d} 2025-06-01 10" for k in range(200)), *(f"c{k:03d} 2026-06-09 9" for k in range(20))
    )
    found = judged(engine, engine.empty(schema_of("treatments")), sold)
    assert (found.kind, found.reason.key) == ("not_enough_data", "no_campaign")
    assert found.needed.base == pytest.approx(0.1) and found.needed.treated == 3841
    nobody = uplift.score(found, pd.DataFrame(index=["c001"]))
    assert nobody.uplift.isna().all() and nobody.basis.tolist() == ["none"]


def test_a_campaign_declared_targeted_is_no_effect_however_alike_the_arms_are(planted, engine):
    sample, _ = planted
    tables, terms = sample.tables, churn_uplift.TERMS._replace(targeted=("recall",))
    rows = recalled(sample.treatments, tables["orders"], tables["customers"], as_of=AS_OF, terms=terms)
    rows = rows.iloc[:2000]
    part = rows[["customer_id", "returned", "orders", "sales", "cost"]].assign(treated=rows.arm != "control")
    trial = Trial("recall", "sms", "sms", churn_uplift.TREATED_ON, part, rows[["silent_days"]].astype(float))
    table = uplift_judge.judge(rows, [trial], terms)
    assert table.verdict.tolist() == ["targeted"] and table.effect.isna().all() and table.balance_p[0] > 0.01


def test_what_earlier_campaigns_taught_is_tried_on_the_last_and_must_hold_there_too():
    found = learn_uplift([drawn(1, works=True), drawn(2, works=True)])
    assert found.rankings.groupby("checked_on").n.first().to_dict() == {"folds": 6000, "later_campaign": 3000}
    assert found.ranks
    assert not learn_uplift([drawn(1, works=True), drawn(2, works=False)]).ranks


def drawn(seed, works):
    """A campaign that moves those with a high mark, or, where it no longer works so, everybody alike."""
    rng = np.random.default_rng(seed)
    known = pd.DataFrame({"mark": rng.random(3000), "other": rng.random(3000)})
    treated, moved = rng.random(3000) < 0.5, 0.4 * known.mark if works else 0.2
    came = rng.random(3000) < 0.1 + moved * treated
    rows = pd.DataFrame({"treated": treated, "returned": came.astype(float)})
    rows = rows.assign(customer_id=[f"{seed}-{n:04d}" for n in range(3000)])
    return Trial(f"campaign {seed}", "sms", "sms", date(2026, seed, 1), rows, known)


def test_the_order_of_the_rows_changes_nothing(engine):
    sample = churn_uplift.planted(engine, np.random.default_rng(8), 3000)
    tables = sample.tables | {"orders": shuffled(engine, sample.tables["orders"])}
    mixed = sample._replace(tables=tables, treatments=shuffled(engine, sample.treatments))
    first, second = (churn_uplift.found_in(one) for one in (sample, mixed))
    pd.testing.assert_frame_equal(first.campaigns, second.campaigns, check_exact=False, rtol=1e-9)
    pd.testing.assert_frame_equal(first.learned.rankings, second.learned.rankings, check_exact=False, rtol=1e-9)
    assert first.average.returns == second.average.returns


def shuffled(engine, table):
    return engine.frame(table.df().sample(frac=1, random_state=1))


# Value given return


def test_the_value_of_a_return_does_not_hold_the_chance_of_being_gone(engine):
    back = [f"c{k:02d} 2024-01-{1 + k % 20:02d} {10 + k % 5}" for k in range(40)]
    back += [f"c{k:02d} {day} {10 + k % 5}" for k in range(40) for day in ("2024-09-01", "2024-10-01", "2025-01-01")]
    sold, nobody = (
        orders(engine, *back, "gone 2024-01-01 50", "gone 2024-02-01 50"),
        engine.empty(schema_of("customers")),
    )
    found = given_return(sold, nobody, as_of=AS_OF, terms=Terms())
    assert (found.returns, found.orders, found.seen) == (40, 3.0, True)
    worth = worth_of_return(inputs(sold, nobody, until=AS_OF), found)
    later = worth_of_return(inputs(sold, nobody, until=date(2036, 6, 30)), found)
    assert worth["gone"] > 3 * 12 and later["gone"] == pytest.approx(worth["gone"])


def test_too_few_returns_count_the_returning_order_alone(engine):
    sold = orders(engine, "a 2024-01-01 10", "a 2025-01-01 10", "a 2025-02-01 10")
    found = given_return(sold, engine.empty(schema_of("customers")), as_of=AS_OF, terms=Terms())
    assert found == GivenReturn(1, 1.0, 1.0, 1.0, 365) and not found.seen


# Properties of the curve

trials = st.lists(
    st.tuples(st.integers(0, 3), st.booleans(), st.booleans()), min_size=4, max_size=40
).filter(lambda rows: 0 < sum(treated for _, treated, _ in rows) < len(rows))  # fmt: skip


def columns(rows):
    score, treated, came = (np.array(column) for column in zip(*rows, strict=True))
    return score.astype(float), qini.outcomes(treated, came.astype(float))


@given(trials)
def test_a_constant_score_has_a_qini_of_exactly_0(rows):
    score, seen = columns(rows)
    assert qini.curve(np.ones(len(score)), seen).qini == 0.0


@given(trials, st.randoms())
def test_rows_of_equal_score_give_the_same_curve_in_any_order(rows, random):
    mixed = random.sample(rows, len(rows))
    first, second = (qini.curve(*columns(order)) for order in (rows, mixed))
    assert np.allclose(first.share, second.share) and np.allclose(first.gain, second.gain)


@given(trials)
def test_the_curve_ends_at_the_average_effect_whatever_the_score(rows):
    score, seen = columns(rows)
    effect = seen.outcome[seen.treated].mean() - seen.outcome[~seen.treated].mean()
    assert qini.curve(score, seen).gain[-1] == pytest.approx(effect)


def test_the_curve_of_four_customers_is_the_one_drawn_by_hand():
    """Best scored: a treated one who came and a control who did not; then a control who came and a treated one not."""
    made = qini.curve([2, 2, 1, 1], qini.outcomes([True, False, True, False], [1, 0, 0, 1]))
    assert made.share.tolist() == [0, 0.5, 1] and made.gain.tolist() == [0, 0.5, 0.0]
    assert (made.auuc, made.qini) == (0.25, 0.25)


def test_bootstrap_draws_do_not_change_and_cover_the_chance_of_a_useless_score():
    rng = np.random.default_rng(0)
    seen = qini.outcomes(rng.random(2000) < 0.5, rng.random(2000) < 0.2)
    score = rng.random(2000)
    assert qini.ranking(score, seen) == qini.ranking(score, seen)
    assert qini.ranking(score, seen).qini_low < 0 < qini.ranking(score, seen).qini_high


def test_the_transformed_outcome_has_the_effect_as_its_mean():
    rng = np.random.default_rng(2)
    treated, came = rng.random(500) < 0.7, (rng.random(500) < 0.3).astype(float)
    made = learners.transformed(treated, came, np.ones(500))
    assert made.mean() == pytest.approx(came[treated].mean() - came[~treated].mean())


def test_all_rows_of_a_customer_lie_in_one_fold():
    customer = np.repeat(np.arange(100), 3)
    fold = learners.folds_of(customer, customer % 2 == 0, customer % 5 == 0)
    assert (pd.Series(fold).groupby(customer).nunique() == 1).all() and len(set(fold)) == learners.FOLDS


def test_the_auc_of_equal_scores_is_a_half_and_of_perfect_ones_is_1():
    assert auc_interval(np.ones(20), np.arange(20) < 5)[0] == 0.5
    assert auc_interval(np.arange(20), np.arange(20) > 9)[0] == 1.0


def test_randomised_arms_are_called_targeted_as_rarely_as_said():
    """At 1 in 2,000 none of 30 draws should be; at 5 % one or two would."""
    rng = np.random.default_rng(3)
    known = pd.DataFrame(rng.lognormal(size=(200, 5)))
    p_values = [balance(known, rng.random(200) < 0.4).p_value for _ in range(30)]
    assert min(p_values) > 0.0005 and 0.3 < np.mean(p_values) < 0.7
