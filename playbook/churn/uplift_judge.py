"""Past campaigns judged: was the control random, what did the recall do on average, and by tier."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.churn.recall import Terms, Trial, is_control
from playbook.churn.uplift_balance import balance
from playbook.churn.uplift_effects import LEVEL, Effect, detectable, differ, effect, holm, stratified

#: Fewer than this in an arm, or fewer returns in both together, and an average says nothing.
LEAST_ARM, LEAST_RETURNS = 50, 10
RANDOM = "random"


class Reason(NamedTuple):
    """Why a result is what it is: a key of the texts and its values."""

    key: str
    values: dict


class Average(NamedTuple):
    """The mean effect over the random campaigns of one arm: on returns (an `Effect`), on sales, and its cost each.

    `differ_p`: whether the campaigns differed by more than chance (Cochran's Q); NaN for one campaign.
    """

    arm: str
    campaigns: int
    returns: Effect
    sales_effect: float
    cost: float
    differ_p: float


def judge(rows: pd.DataFrame, made: list[Trial], terms: Terms) -> pd.DataFrame:
    """One row per campaign and arm: sizes, rates, whether the control was random, and only then the effect.

    `verdict`: random; targeted (declared); imbalanced (the arms differed beforehand); no_control; too_few; not_over.
    """
    found = {(trial.campaign, trial.arm): trial for trial in made}
    apart = is_control(rows["arm"], terms.control)
    drawn = set(rows["campaign_id"][apart])
    arms = rows[~apart].groupby(["campaign_id", "arm"], sort=True)
    listed = [_judged(key, part, found.get(key), terms, has_control=key[0] in drawn) for key, part in arms]
    return pd.DataFrame(listed, columns=COLUMNS).sort_values(["treated_on", "campaign", "arm"], ignore_index=True)


COLUMNS = [
    "campaign", "arm", "channel", "treated_on", "addressed", "lapsed", "n_treated", "n_control", "treated", "control",
    "effect", "low", "high", "error", "p_value", "sales_effect", "sales_low", "sales_high", "cost", "detectable",
    "balance_p", "auc", "auc_low", "auc_high", "worst", "difference", "verdict",
]  # fmt: skip


def conclusion(judged: pd.DataFrame) -> tuple[str, Reason]:
    """Measured where one campaign had a random control; else why nothing of it is an effect, or what is missing."""
    verdicts = judged["verdict"].value_counts().to_dict()
    if RANDOM in verdicts:
        return "measured", Reason("random", {"campaigns": verdicts[RANDOM], "of": len(judged)})
    for verdict in ("imbalanced", "targeted", "no_control"):
        if verdict in verdicts:
            return "not_causal", Reason(verdict, _telling(judged, verdict) | {"of": len(judged)})
    for verdict in ("too_few", "not_over"):
        if verdict in verdicts:
            return "not_enough_data", Reason(verdict, _telling(judged, verdict) | {"of": len(judged)})
    return "not_enough_data", Reason("no_campaign", {"of": 0})


def averages_of(fair: list[Trial], judged: pd.DataFrame) -> list[Average]:
    """The mean effect of each arm over its random campaigns, the arm with most customers first.

    Intervals hold for all arms together (Bonferroni): with many arms, one looks good by chance.
    """
    arms = {arm: [trial for trial in fair if trial.arm == arm] for arm in sorted({trial.arm for trial in fair})}
    level = 1 - (1 - LEVEL) / max(len(arms), 1)
    ordered = sorted(arms.values(), key=lambda trials: -sum(len(trial.rows) for trial in trials))
    return [average_of(trials, judged, level=level) for trials in ordered]


def average_of(fair: list[Trial], judged: pd.DataFrame, *, level: float = LEVEL) -> Average:
    """The mean effect over the random campaigns of one arm, each compared within itself."""
    rows = judged[judged["verdict"] == RANDOM].set_index(["campaign", "arm"])
    rows = rows.loc[[(trial.campaign, trial.arm) for trial in fair]]
    weight = rows["n_treated"] * rows["n_control"] / (rows["n_treated"] + rows["n_control"])
    sales, cost = (float((weight * rows[name]).sum() / weight.sum()) for name in ("sales_effect", "cost"))
    found = stratified([_arms_of(trial.rows, "returned") for trial in fair], level=level)
    return Average(fair[0].arm, len(fair), found, sales, cost, differ(rows["effect"], rows["error"]))


def by_tier(fair: list[Trial], tiers: pd.DataFrame | None) -> pd.DataFrame:
    """One row per tier held on the evening before: the effect where the tier is large enough, else only its size.

    `p_holm` is corrected for the number of tiers; `detectable` is the smallest rise these arms would have shown.
    """
    if not fair or tiers is None:
        return pd.DataFrame(columns=TIER_COLUMNS)
    rows = pd.concat([trial.rows.assign(day=trial.treated_on, campaign=trial.campaign) for trial in fair])
    rows = rows.assign(day=pd.to_datetime(rows["day"])).reset_index(drop=True)
    rows["tier"] = tier_before(rows, tiers)
    listed = [{"tier": tier} | _effect_of(part) for tier, part in rows.dropna(subset="tier").groupby("tier", sort=True)]
    table = pd.DataFrame(listed, columns=[name for name in TIER_COLUMNS if name != "p_holm"])
    return table.assign(p_holm=holm(table["p_value"]))[TIER_COLUMNS]


TIER_COLUMNS = [
    "tier", "n_treated", "n_control", "treated", "control", "effect", "low", "high", "error", "p_value", "p_holm",
    "detectable", "enough",
]  # fmt: skip


def tier_before(rows: pd.DataFrame, tiers: pd.DataFrame) -> np.ndarray:
    """The tier each customer held at the last date of the history before `day`; missing where there is none."""
    past = tiers.assign(as_of=pd.to_datetime(tiers["as_of"])).sort_values(["as_of", "customer_id"])
    asked = rows[["day", "customer_id"]].assign(place=range(len(rows))).sort_values(["day", "place"])
    same = {"as_of": past["as_of"].astype("datetime64[ns]")}
    found = pd.merge_asof(
        asked.assign(day=asked["day"].astype("datetime64[ns]")),
        past.assign(**same),
        left_on="day",
        right_on="as_of",
        by="customer_id",
        allow_exact_matches=False,
    )
    return found.sort_values("place")["tier"].to_numpy()


def disturbed(rows: pd.DataFrame, terms: Terms) -> int:
    """Rows of a control group whose customers another campaign contacted within the horizon: they are no control."""
    apart = is_control(rows["arm"], terms.control)
    columns = ["campaign_id", "customer_id", "treated_on"]
    pairs = rows.loc[apart, columns].merge(rows.loc[~apart, columns], on="customer_id", suffixes=("", "_other"))
    days = (pairs["treated_on_other"] - pairs["treated_on"]).dt.days
    met = (pairs["campaign_id"] != pairs["campaign_id_other"]) & days.between(0, terms.horizon_days - 1)
    return int(pairs.loc[met, ["campaign_id", "customer_id"]].drop_duplicates().shape[0])


def _judged(key, part, trial, terms, *, has_control):
    """One row of `judge`."""
    campaign, arm = key
    lapsed, known = part["standing"] == "lapsed", part["standing"][part["standing"] != "internal"]
    verdict = "too_few" if has_control else "no_control"
    row = {"campaign": campaign, "arm": arm, "channel": part["channel"].dropna().min(), "verdict": verdict}
    row |= {"treated_on": part["treated_on"].min(), "addressed": len(part), "lapsed": int(lapsed.sum())}
    row["cost"] = float(part["cost"].mean())
    if len(known) and (known == "not_over").all():
        return row | {"verdict": "not_over"}
    if trial is None:
        return row | {"n_treated": int(lapsed.sum()), "n_control": 0}
    return row | _measured(trial, campaign in terms.targeted)


def _measured(trial, targeted):
    made = _effect_of(trial.rows)
    if not made.pop("enough"):
        return _without_effect(made) | {"verdict": "too_few"}
    checked = balance(trial.features, trial.treated)
    made |= checked._asdict() | {"balance_p": checked.p_value, "p_value": made["p_value"]}
    if targeted or not checked.random:
        return _without_effect(made) | {"verdict": "targeted" if targeted else "imbalanced"}
    sales = effect(*_arms_of(trial.rows, "sales"))
    return made | {"sales_effect": sales.effect, "sales_low": sales.low, "sales_high": sales.high, "verdict": RANDOM}


def _without_effect(made):
    return {name: value for name, value in made.items() if name not in ("effect", "low", "high", "error", "p_value")}


def _effect_of(rows):
    """Sizes and rates of the arms; the effect, its interval and p-value where the arms are large enough."""
    treated, control = _arms_of(rows, "returned")
    parts = [_arms_of(part, "returned") for _, part in rows.groupby("campaign")] if "campaign" in rows else None
    made = {"n_treated": len(treated), "n_control": len(control), "enough": _enough(treated, control)}
    if not made["enough"]:
        return made | {"effect": np.nan, "low": np.nan, "high": np.nan, "p_value": np.nan}
    found = stratified(parts or [(treated, control)])
    return made | found._asdict() | {"detectable": detectable(found.control, len(treated), len(control))}


def _arms_of(rows, name):
    return rows[name][rows["treated"]].to_numpy(float), rows[name][~rows["treated"]].to_numpy(float)


def _enough(treated, control):
    return min(len(treated), len(control)) >= LEAST_ARM and treated.sum() + control.sum() >= LEAST_RETURNS


def _telling(judged, verdict):
    """The values of the campaign that says most: the largest of those with this verdict."""
    rows = judged[judged["verdict"] == verdict].sort_values(["n_treated", "campaign"], ascending=[False, True])
    return rows.iloc[0].dropna().to_dict() | {"campaigns": rows["campaign"].nunique()}
