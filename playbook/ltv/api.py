"""What `playbook.ltv` offers, imported as a whole when the first of it is used."""
# ruff: noqa: F401

from playbook.ltv.build import LtvResult, fit, read_histories, save
from playbook.ltv.choice import choose, independence
from playbook.ltv.economics import acquisition, channels, unit_economics
from playbook.ltv.forecasts import Discounting, fit_purchases, fit_spending, forecast, prediction_intervals
from playbook.ltv.histories import Histories, customer_histories, summary
from playbook.ltv.history import monthly_reasons, movement, value_history
from playbook.ltv.holdout import backtest, by_decile, by_purchases, tracking
from playbook.ltv.models.bg_bb import BGBB
from playbook.ltv.models.bg_nbd import BGNBD
from playbook.ltv.models.estimation import FitError, InputError
from playbook.ltv.models.gamma_gamma import GammaGamma
from playbook.ltv.models.mbg_cnbd_k import MBGCNBD
from playbook.ltv.models.pareto_nbd import ParetoNBD
from playbook.ltv.models.sbg import SBG
from playbook.ltv.value import concentration, customer_value, high_potential, sensitivity
