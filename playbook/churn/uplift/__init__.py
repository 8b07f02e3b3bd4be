"""Who can be won back: what past winback campaigns did to lapsed customers, and who came back because of them.

    treatments, purchases, features on past days -> outcomes -> trials -> effects -> uplift model -> the lapsed, scored

Only a campaign whose control was drawn at random has an effect; of the others it is said why not.
"""

from playbook.churn.uplift import charts, messages
from playbook.churn.uplift.build import WinbackResult, evaluate, score, score_lapsed, winback
from playbook.churn.uplift.campaigns import CampaignSpec, Trial, campaign_outcomes, campaign_spec, trials
from playbook.churn.uplift.training import UpliftModel, fit_uplift

__all__ = [
    "CampaignSpec",
    "Trial",
    "UpliftModel",
    "WinbackResult",
    "campaign_outcomes",
    "campaign_spec",
    "charts",
    "evaluate",
    "fit_uplift",
    "messages",
    "score",
    "score_lapsed",
    "trials",
    "winback",
]
