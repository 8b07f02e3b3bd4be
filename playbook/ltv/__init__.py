"""LTV: what each customer will still be worth, how sure that is, and how well it held when it was tried.

    orders -> inputs -> holdout -> choice -> forecast -> value -> ltv, ltv_history

Each step is a function; `build` is all of them in a row. Models have `fit` and `predict`-like methods and keep their
parameters as plain numbers. The figures are in `playbook.ltv.charts`.
"""

from playbook.ltv.bg_bb import BGBB
from playbook.ltv.bg_nbd import BGNBD
from playbook.ltv.build import build, ends_of, explore, history_of, model_record, save
from playbook.ltv.choice import choose, independence
from playbook.ltv.economics import acquisition, economics, firsts, terms
from playbook.ltv.forecast import draw_ranges, fit_purchases, fit_spending, forecast
from playbook.ltv.gamma_gamma import GammaGamma
from playbook.ltv.history import main_reason, month_ends, monthly_reasons, movement, value_history
from playbook.ltv.holdout import by_decile, by_purchases, holdout, scores, tracking
from playbook.ltv.inputs import actual, inputs
from playbook.ltv.likelihood import FitError
from playbook.ltv.mbg_cnbd_k import MBGCNBD
from playbook.ltv.pareto_nbd import ParetoNBD
from playbook.ltv.rows import InputError
from playbook.ltv.sbg import SBG
from playbook.ltv.value import concentration, high_potential, sensitivity, value

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGCNBD",
    "SBG",
    "FitError",
    "GammaGamma",
    "InputError",
    "ParetoNBD",
    "acquisition",
    "actual",
    "build",
    "by_decile",
    "by_purchases",
    "choose",
    "concentration",
    "draw_ranges",
    "economics",
    "ends_of",
    "explore",
    "firsts",
    "fit_purchases",
    "fit_spending",
    "forecast",
    "high_potential",
    "history_of",
    "holdout",
    "independence",
    "inputs",
    "main_reason",
    "model_record",
    "month_ends",
    "monthly_reasons",
    "movement",
    "save",
    "scores",
    "sensitivity",
    "terms",
    "tracking",
    "value",
    "value_history",
]
