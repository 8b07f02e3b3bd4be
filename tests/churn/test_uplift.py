"""Past winback campaigns: published effects, planted ones, and what is not to be called an effect."""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from playbook.churn import uplift
from playbook.churn.features import FeatureSpec, features
from playbook.churn.uplift import CampaignSpec, Trial, campaign_outcomes, fit_uplift, messages
from playbook.churn.uplift.campaign_effects import campaign_effects, effects_by_tier
from playbook.churn.uplift.learners import BASELINES, LEARNERS, transformed_outcome
from playbook.churn.uplift.return_value import OrdersAfterReturn, orders_after_return, value_given_return
from playbook.churn.uplift.training import FOLDS, customer_folds
from playbook.ltv.histories import customer_histories
from playbook.stats.balance import balance
from playbook.stats.qini import outcomes
from playbook.tables.engine import Engine
from playbook.tables.purchases import purchases
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
    return sample, churn_uplift.result_of(sample)


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


def nobody_internal(engine):
    return engine.empty(schema_of("customers"))


def bought(engine, sold, as_of=AS_OF):
    return purchases(sold, nobody_internal(engine), as_of=as_of)


def evaluated(engine, rows, sold, as_of=AS_OF, **spec):
    def features_on(days):
        return features({"orders": sold}, origins=days, spec=FeatureSpec(model="bg_nbd"))

    tables = (rows, bought(engine, sold, as_of), nobody_internal(engine))
    return uplift.winback(*tables, as_of=as_of, spec=CampaignSpec(**spec), features=features_on)


# Published


def test_hillstrom_visit_rates(public_data):
    men, women = (churn_uplift.hillstrom(public_data, arm).rows for arm in (MEN, WOMEN))
    assert men[~men.treated].visit.mean() == pytest.approx(0.106167, abs=1e-6)
    assert men[men.treated].visit.mean() == pytest.approx(0.182757, abs=1e-6)
    assert women[women.treated].visit.mean() == pytest.approx(0.151400, abs=1e-6)


def test_hillstrom_arms_are_balanced_and_visits_after_the_womens_mail_are_ranked_better_than_chance(public_data):
    trial = churn_uplift.hillstrom(public_data, WOMEN)
    assert balance(trial.features, trial.rows.treated).random
    model = fit_uplift([trial])
    row = model.rankings.set_index("score").loc[model.chosen]
    assert model.beats_chance and row.qini_low > 0.004
    assert row.qini == pytest.approx(0.0073, abs=0.0005)


def test_complete_journeys_targeted_campaigns_are_not_causal_because_frequent_buyers_were_chosen(public_data, engine):
    result = journey(engine, public_data, households="all")
    assert result.kind == "not_causal" and result.verdict == "imbalanced"
    assert (result.campaigns.auc_low > 0.85).all() and (result.campaigns.difference > 1.5).all()
    assert result.campaigns.effect.isna().all() and result.main_arm is None and result.model is None


def test_complete_journeys_own_file_names_nobody_left_alone(public_data, engine):
    result = journey(engine, public_data, households="treated")
    assert result.kind == "not_causal" and result.verdict == "no_control"


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

    return evaluated(engine, rows, sold, as_of=date(2017, 12, 31), lapsed_days=0)


# Planted


def test_on_20000_customers_a_learner_ranks_better_than_chance_with_its_interval_above_0(planted):
    _, result = planted
    row = result.model.rankings.set_index("score").loc[result.model.chosen]
    assert result.kind == "measured" and result.model.beats_chance
    assert row.qini_low > 0


def test_the_true_effect_ranks_highest_and_a_constant_not_at_all(planted):
    sample, result = planted
    area = churn_uplift.rankings_in(result, sample).set_index("score").qini
    assert area.idxmax() == "true_effect" and area["constant"] == 0.0
    assert area[result.model.chosen] > 0.6 * area["true_effect"] > area["response_baseline"]


def test_the_average_effect_is_in_its_interval_and_scores_come_out_at_it(planted):
    sample, result = planted
    returns = result.main_arm.returns
    assert returns.low < sample.effect.mean() < returns.high
    scored = uplift.score(result, result.model.trials[0].features)
    assert scored.uplift.mean() == pytest.approx(returns.effect, abs=0.004)
    assert np.corrcoef(scored.uplift, sample.effect)[0, 1] > 0.6
    assert scored.p_treated.between(0, 1).all()


def test_effects_by_tier_exclude_0_where_the_tier_is_large_and_are_not_given_where_it_is_small(planted):
    sample, result = planted
    tier = np.where(np.arange(20_000) < 40, "tiny", np.where(sample.effect > 0.05, "moved", "unmoved"))
    tiers = pd.DataFrame({"as_of": "2026-03-31", "customer_id": churn_uplift.ids(range(20_000)), "tier": tier})
    table = effects_by_tier(result.model.trials, tiers).set_index("tier")
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
    result = evaluated(engine, treatments(engine, *(f"r c{k:03d} {arms[k]} 2026-05-01" for k in range(n))), sold)
    row = result.campaigns.iloc[0]
    assert result.kind == "not_causal" and row.worst in ("recency_days", "tenure_days", "silence_ratio")
    assert row.auc_low > 0.5 and result.main_arm is None


# What counts, and what is left out


def trialled(engine, *, back, day="2026-01-05", silent="2025-01-01", later=()):
    """A campaign drawn by lot: 100 customers per arm, all silent since one day; `back` of each return on the 10th."""
    arms = [(arm, f"{arm}{n:03d}") for arm in back for n in range(100)]
    returned = [f"{who} 2026-01-10 9" for arm, who in arms if int(who[-3:]) < back[arm]]
    sold = orders(engine, *(f"{who} {silent} {9 + int(who[-3:]) % 5}" for _, who in arms), *returned, *later)
    return treatments(engine, *(f"spring {who} {arm} {day}" for arm, who in arms)), sold


def test_an_arm_that_works_is_named_beside_one_that_does_not(engine):
    result = evaluated(engine, *trialled(engine, back={"control": 5, "men": 6, "women": 30}))
    assert {one.arm: one.returns.low > 0 for one in result.arms} == {"men": False, "women": True}
    assert result.main_arm.arm == "women"
    keys = [one.key for one in messages.effects(result, CampaignSpec())]
    assert keys == ["churn.winback.unsure.arm", "churn.winback.helped.arm"]


def test_a_control_drawn_by_lot_among_active_customers_is_no_missing_control(engine):
    result = evaluated(engine, *trialled(engine, back={"control": 5, "sms": 30}, silent="2025-12-20"))
    assert (result.kind, result.verdict) == ("not_enough_data", "too_few")


def test_a_control_that_another_campaign_contacted_is_seen(engine):
    first, sold = trialled(engine, back={"control": 5, "sms": 30})
    second = treatments(engine, *(f"summer control{n:03d} sms 2026-01-07" for n in range(40)))
    both = engine.sql("select * from f union all select * from s", f=first, s=second)
    assert evaluated(engine, both, sold).contaminated == 40


@pytest.mark.parametrize(("later", "lasts"), [((), True), ("control", False)])
def test_returns_that_are_only_brought_forward_do_not_last(engine, later, lasts):
    followed = [f"{later}{n:03d} 2026-03-01 9" for n in range(30)] if later else []
    result = evaluated(engine, *trialled(engine, back={"control": 5, "sms": 35}, later=followed))
    assert result.long_term.days.tolist() == [30, 90]
    assert (result.long_term.low > 0).tolist() == [True, lasts]
    assert messages.long_term(result).key == ("churn.long_term" if lasts else "churn.long_term.unsure")


def test_arms_are_compared_with_the_named_control_and_never_pooled(engine):
    sold = orders(
        engine, *(f"c{k:03d} 2025-06-01 10" for k in range(300)), *(f"c{k:03d} 2026-05-09 9" for k in range(150))
    )
    rows = [f"r c{k:03d} {('sms', 'call', 'Control')[k % 3]} 2026-05-01" for k in range(300)]
    result = evaluated(engine, treatments(engine, *rows), sold)
    assert result.campaigns.set_index("arm")[["n_treated", "n_control"]].values.tolist() == [[100, 100], [100, 100]]
    assert evaluated(engine, treatments(engine, *rows), sold, control="nobody").verdict == "no_control"


def test_only_the_lapsed_in_campaigns_that_are_over_count_and_features_end_the_evening_before(engine):
    sold = orders(engine, "lapsed 2025-06-01 10", "lapsed 2026-05-01 30", "lapsed 2026-05-30 30", "lapsed 2026-05-31 7",
                  "active 2026-04-30 10", "late 2025-06-01 10")  # fmt: skip
    sent = treatments(engine, "r lapsed sms 2026-05-01", "r active sms 2026-05-01", "r never sms 2026-05-01",
                      "s late sms 2026-06-15")  # fmt: skip
    tables = (sent, bought(engine, sold), nobody_internal(engine))
    rows = campaign_outcomes(*tables, as_of=AS_OF, spec=CampaignSpec())
    standing = rows.set_index("customer_id").standing.to_dict()
    assert standing == {"lapsed": "lapsed", "active": "active", "never": "never_bought", "late": "not_over"}
    row = rows.set_index("customer_id").loc["lapsed"]
    assert (row.silent_days, row.orders_before, row.orders, row.sales) == (334, 1, 2, 60.0)


def test_no_campaign_says_how_large_a_test_would_have_to_be(engine):
    sold = orders(
        engine, *(f"c{k:03d} 2025-06-01 10" for k in range(200)), *(f"c{k:03d} 2026-06-09 9" for k in range(20))
    )
    result = evaluated(engine, engine.empty(schema_of("treatments")), sold)
    assert (result.kind, result.verdict) == ("not_enough_data", "no_campaign")
    assert result.required.base == pytest.approx(0.1) and result.required.treated == 3841
    nobody = uplift.score(result, pd.DataFrame(index=["c001"]))
    assert nobody.uplift.isna().all() and nobody.basis.tolist() == ["none"]


def test_a_campaign_declared_targeted_is_no_effect_however_alike_the_arms_are(planted, engine):
    sample, _ = planted
    spec = churn_uplift.SPEC._replace(targeted=("winback",))
    tables = (sample.treatments, bought(engine, sample.tables["orders"]), sample.tables["customers"])
    rows = campaign_outcomes(*tables, as_of=AS_OF, spec=spec).iloc[:2000]
    part = rows[["customer_id", "returned", "orders", "sales", "cost"]].assign(treated=rows.arm != "control")
    trial = Trial("winback", "sms", churn_uplift.TREATED_ON, part, rows[["silent_days"]].astype(float))
    table = campaign_effects(rows, [trial], spec)
    assert table.verdict.tolist() == ["targeted"] and table.effect.isna().all() and table.balance_p[0] > 0.01


def test_what_earlier_campaigns_taught_is_tried_on_the_last_and_must_hold_there_too():
    result = fit_uplift([drawn(1, works=True), drawn(2, works=True)])
    assert result.rankings.groupby("checked_on").n.first().to_dict() == {"folds": 6000, "later_campaign": 3000}
    assert result.beats_chance
    assert not fit_uplift([drawn(1, works=True), drawn(2, works=False)]).beats_chance


def drawn(seed, works):
    """A campaign that moves those with a high mark, or, where it no longer works so, everybody alike."""
    rng = np.random.default_rng(seed)
    marks = pd.DataFrame({"mark": rng.random(3000), "other": rng.random(3000)})
    treated = rng.random(3000) < 0.5
    moved = 0.4 * marks.mark if works else 0.2
    came = rng.random(3000) < 0.1 + moved * treated
    rows = pd.DataFrame({"treated": treated, "returned": came.astype(float)})
    rows = rows.assign(customer_id=[f"{seed}-{n:04d}" for n in range(3000)])
    return Trial(f"campaign {seed}", "sms", date(2026, seed, 1), rows, marks)


def test_the_order_of_the_rows_changes_nothing(engine):
    sample = churn_uplift.planted(engine, np.random.default_rng(8), 3000)
    tables = sample.tables | {"orders": shuffled(engine, sample.tables["orders"])}
    mixed = sample._replace(tables=tables, treatments=shuffled(engine, sample.treatments))
    first, second = (churn_uplift.result_of(one) for one in (sample, mixed))
    pd.testing.assert_frame_equal(first.campaigns, second.campaigns, check_exact=False, rtol=1e-9)
    pd.testing.assert_frame_equal(first.model.rankings, second.model.rankings, check_exact=False, rtol=1e-9)
    assert first.main_arm.returns == second.main_arm.returns


def shuffled(engine, table):
    return engine.frame(table.df().sample(frac=1, random_state=1))


# Value given return


def test_the_value_of_a_return_does_not_hold_the_chance_of_being_gone(engine):
    back = [f"c{k:02d} 2024-01-{1 + k % 20:02d} {10 + k % 5}" for k in range(40)]
    back += [f"c{k:02d} {day} {10 + k % 5}" for k in range(40) for day in ("2024-09-01", "2024-10-01", "2025-01-01")]
    sold = orders(engine, *back, "gone 2024-01-01 50", "gone 2024-02-01 50")
    after = orders_after_return(bought(engine, sold), as_of=AS_OF, spec=CampaignSpec())
    assert (after.returns, after.orders, after.enough) == (40, 3.0, True)
    worth, later = (
        value_given_return(customer_histories(bought(engine, sold, as_of=day), as_of=day), after)
        for day in (AS_OF, date(2036, 6, 30))
    )
    assert worth["gone"] > 3 * 12 and later["gone"] == pytest.approx(worth["gone"])


def test_too_few_returns_count_the_returning_order_alone(engine):
    sold = orders(engine, "a 2024-01-01 10", "a 2025-01-01 10", "a 2025-02-01 10")
    after = orders_after_return(bought(engine, sold), as_of=AS_OF, spec=CampaignSpec())
    assert after == OrdersAfterReturn(1, 1.0, 1.0, 1.0, 365) and not after.enough


# Properties of the learners


def test_the_transformed_outcome_has_the_effect_as_its_mean():
    rng = np.random.default_rng(2)
    treated, came = rng.random(500) < 0.7, (rng.random(500) < 0.3).astype(float)
    transformed = transformed_outcome(came, treated, np.ones(500))
    assert transformed.mean() == pytest.approx(came[treated].mean() - came[~treated].mean())


def test_all_rows_of_a_customer_lie_in_one_fold():
    customer = np.repeat(np.arange(100), 3)
    fold = customer_folds(outcomes(customer % 2 == 0, customer % 5 == 0, customer=customer))
    assert (pd.Series(fold).groupby(customer).nunique() == 1).all() and len(set(fold)) == FOLDS


def test_learners_are_scikit_learn_estimators_and_a_constant_outcome_is_its_rate():
    rng = np.random.default_rng(4)
    features = pd.DataFrame(rng.random((300, 2)))
    treated, nobody_came = rng.random(300) < 0.5, np.zeros(300)
    for learner in (LEARNERS | BASELINES).values():
        model = clone(learner).fit(features, nobody_came, treatment=treated, sample_weight=np.ones(300))
        assert type(model) is type(learner) and set(model.get_params()) == set(learner.get_params())
        assert model.predict_control(features).tolist() == [0.0] * 300
        assert model.predict(features) == pytest.approx(0, abs=1e-9)
