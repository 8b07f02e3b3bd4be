"""What is said of past winback campaigns: what they did, whom they moved, what a return is worth, what a test needs."""

from math import ceil

import pandas as pd

from playbook.churn.uplift.build import WinbackResult
from playbook.churn.uplift.campaign_effects import ArmEffect
from playbook.churn.uplift.campaigns import CampaignSpec
from playbook.churn.uplift.training import LEAST_ARM_RETURNS, LEAST_ROWS
from playbook.report.message import Message
from playbook.stats.effects import heterogeneity_p

#: Below this corrected p-value an effect is beyond doubt.
SIGNIFICANT = 0.05
#: Campaigns that a table shows, the newest.
MOST_CAMPAIGNS = 20


def campaign_table(result: WinbackResult) -> pd.DataFrame:
    """One row per past campaign and arm: how many were lapsed, how many came back, the effect where it is one."""
    names = {"low": "effect_low", "high": "effect_high", "verdict": "control_drawn"}
    rows = result.campaigns.rename(columns=names).tail(MOST_CAMPAIGNS)
    kept = ["campaign", "arm", "treated_on", "n_treated", "n_control", "treated", "control", "effect"]
    return rows[[*kept, *names.values()]].astype({"n_treated": "Int64", "n_control": "Int64"})


def effects(result: WinbackResult, spec: CampaignSpec) -> list[Message]:
    """What past campaigns did to the lapsed, one message for each arm; or why that cannot be said."""
    if result.arms:
        return [arm_effect(result, arm, spec) for arm in result.arms]
    values = {"days": spec.horizon_days, "lapsed": spec.lapsed_days}
    key = f"churn.winback.{result.verdict}"
    rows = result.campaigns[result.campaigns["verdict"] == result.verdict]
    if rows.empty:
        return [Message(key, values, 0)]
    largest = rows.sort_values(["n_treated", "campaign"], ascending=[False, True]).iloc[0]
    of_largest = largest[["treated", "control", "auc"]].dropna().to_dict()
    values |= of_largest | {"campaigns": rows["campaign"].nunique()}
    return [Message(key, values, 0 if pd.isna(largest["n_treated"]) else int(largest["n_treated"]))]


def arm_effect(result: WinbackResult, arm: ArmEffect, spec: CampaignSpec) -> Message:
    """What the campaigns of one arm did; `result.main_arm` is the one which the rest of the chapter speaks of."""
    mean = arm.returns
    outcome = "helped" if mean.low > 0 else "harmed" if mean.high < 0 else "unsure"
    key = f"churn.winback.{outcome}.arm" if len(result.arms) > 1 else f"churn.winback.{outcome}"
    values = {"days": spec.horizon_days, "lapsed": spec.lapsed_days, "arm": arm.arm}
    values |= {"treated": mean.treated, "control": mean.control} | _in_a_hundred(mean)
    return Message(key, values, mean.n_treated + mean.n_control)


def long_term(result: WinbackResult) -> Message | None:
    """Whether the contacted bought more in the longest time that campaigns cover, or only sooner."""
    rows = result.long_term
    if len(rows) < 2 or not result.works:
        return None
    first, last = rows.iloc[0], rows.iloc[-1]
    values = {"first": int(first["days"]), "last": int(last["days"])}
    for when, row in (("first", first), ("last", last)):
        values |= {f"{name}_{when}": value for name, value in _in_a_hundred(row).items()}
    return Message("churn.long_term" if last["low"] > 0 else "churn.long_term.unsure", values, int(last["n"]))


def required_test(result: WinbackResult, lapsed: int) -> Message | None:
    """The size of a test that would see an effect worth having; None where one has been measured beyond doubt.

    `lapsed`: how many could be in it today.
    """
    size = result.required
    if result.works or size is None:
        return None
    key = "churn.needed" if size.treated + size.control <= lapsed else "churn.needed.several"
    return Message(key, {**size._asdict(), "effect": 100 * size.effect, "available": lapsed}, 0)


def tiers(result: WinbackResult) -> Message | None:
    """The tier that a campaign moved most, where one did beyond doubt."""
    table = result.tiers[result.tiers["enough"].eq(True)]
    if table.empty:
        return None
    moved = table[(table["p_holm"] < SIGNIFICANT) & (table["effect"] > 0)].sort_values(["p_holm", "tier"])
    if moved.empty:
        n = int((table["n_treated"] + table["n_control"]).sum())
        return Message("churn.winback_tiers.none", {"tiers": len(table)}, n)
    row = moved.iloc[0]
    values = {name: row[name] for name in ("tier", "treated", "control")} | _in_a_hundred(row)
    alone = len(table) > 1 and not heterogeneity_p(table["effect"], table["error"]) < SIGNIFICANT
    key = "churn.winback_tiers.alone" if alone else "churn.winback_tiers"
    return Message(key, values, int(row["n_treated"] + row["n_control"]))


def ranking(result: WinbackResult) -> Message | None:
    """Whether anybody can tell who comes back because of a campaign."""
    if result.model is None:
        return _too_few_to_rank(result.main_arm.returns) if result.main_arm else None
    rows = result.model.rankings
    rows = rows[rows["score"] == result.model.chosen]
    key, row = "churn.uplift.ranks", rows[rows["checked_on"] == "folds"].iloc[0]
    if not result.model.beats_chance:
        row = rows[rows["qini_low"] <= 0].iloc[0]
        key = "churn.uplift.chance" if row["checked_on"] == "folds" else "churn.uplift.later"
    values = {"qini": row["qini"], "low": row["qini_low"], "high": row["qini_high"], "auuc": row["auuc"]}
    values = {name: 100 * value for name, value in values.items()}
    return Message(key, {"learner": row["score"], **values}, int(row["n"]))


def after_return(result: WinbackResult, spec: CampaignSpec) -> Message:
    """How somebody goes on buying who has come back."""
    orders = result.after_return
    values = {"lapsed": spec.lapsed_days, "days": orders.days, "orders": orders.orders}
    key = "churn.returned" if orders.enough else "churn.returned.few"
    return Message(key, values | {"low": orders.low, "high": orders.high}, orders.returns)


def today(result: WinbackResult, scored: pd.DataFrame, spec: CampaignSpec) -> Message | None:
    """What contacting all who are lapsed today would bring, by what campaigns did. `scored` is of `score_lapsed`."""
    if scored.empty or not result.works:
        return None
    mean, returns = result.main_arm.returns, float(scored["uplift"].sum())
    cost = result.main_arm.cost * len(scored)
    earned = float(scored["gain"].sum()) + cost
    values = {"more": round(returns), "gain": earned - cost}
    for name, share in (("low", mean.low / mean.effect), ("high", mean.high / mean.effect)):
        values |= {name: round(returns * share), f"gain_{name}": earned * share - cost}
    values |= {"days": spec.horizon_days, "lapsed": spec.lapsed_days, "year": spec.value_days}
    key = f"churn.today.{'paid' if values['gain'] > 0 else 'lost'}{'.arm' if len(result.arms) > 1 else ''}"
    return Message(key, values | {"arm": result.main_arm.arm}, len(scored))


def cautions(result: WinbackResult) -> list[Message]:
    """What a reader should know before acting on past campaigns."""
    arm, messages = result.main_arm, []
    if result.kind == "not_causal":
        messages.append(Message("churn.flag.not_causal"))
    if result.contaminated:
        messages.append(Message("churn.flag.contaminated", {"count": result.contaminated}))
    if arm and arm.heterogeneity_p < SIGNIFICANT:
        messages.append(Message("churn.flag.differ", {"campaigns": arm.campaigns}))
    if arm and result.model and not result.model.beats_chance:
        messages.append(Message("churn.flag.no_ranking"))
    return messages


def _in_a_hundred(row) -> dict:
    """The effect and its interval in customers of a hundred."""
    return {name: 100 * float(getattr(row, name)) for name in ("effect", "low", "high")}


def _too_few_to_rank(mean) -> Message:
    """How far the tests are from telling customers apart."""
    key, n = "churn.uplift.too_few", mean.n_treated + mean.n_control
    values = {"rows": LEAST_ROWS, "returns": LEAST_ARM_RETURNS, "have": n}
    values |= {"with_contact": round(mean.n_treated * mean.treated), "without": round(mean.n_control * mean.control)}
    if not mean.control:
        return Message(f"{key}.none", values, n)
    return Message(key, values | {"needed": ceil(LEAST_ARM_RETURNS / mean.control)}, n)
