"""LTV: what each customer will still be worth, how sure that is, and how well it held when it was tried."""

from importlib import import_module

_MODULES = {
    "BGBB": "models.bg_bb",
    "BGNBD": "models.bg_nbd",
    "FitError": "models.estimation",
    "GammaGamma": "models.gamma_gamma",
    "InputError": "models.estimation",
    "MBGCNBD": "models.mbg_cnbd_k",
    "ParetoNBD": "models.pareto_nbd",
    "SBG": "models.sbg",
}


def __getattr__(name):
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
