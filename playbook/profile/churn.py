"""What a profile says about leaving: how it is defined, what it costs, which levels of risk there are."""

from pydantic import Field, field_validator

from playbook.profile.parts import Part, Words

#: What stands in place of a level of risk for customers who are not scored.
APART_FROM_RISK = ("lost", "ended", "never_bought", "internal", "unknown")


class Level(Part):
    """One level of the risk of leaving: the least probability that makes it, and its name."""

    least: float = Field(ge=0, lt=1)
    name: Words


class ChurnCosts(Part):
    """What keeping a customer costs and brings, for the expected maximum profit (Verbraken 2013).

    The share of would-be leavers who accept the offer is beta(alpha, beta); `value` of one who stays (null: from the
    forecast of future value); `incentive` per offer accepted or given to a stayer; `contact` per customer contacted.
    """

    alpha: float = Field(default=6.0, gt=0)
    beta: float = Field(default=14.0, gt=0)
    value: float | None = Field(default=None, gt=0)
    incentive: float = Field(default=10.0, ge=0)
    contact: float = Field(default=1.0, ge=0)


class Winback(Part):
    """How past winback campaigns are judged: the name of the control arm, and how soon a return counts as one.

    `targeted` names campaigns whose control was not drawn at random; `least_effect` is the rise of the return rate that
    a test should be able to see; `value_days` how far a return's value is counted.
    """

    control: str = Field(default="control", min_length=1)
    horizon_days: int = Field(default=30, ge=1, le=365)
    targeted: tuple[str, ...] = ()
    least_effect: float = Field(default=0.02, gt=0, lt=1)
    value_days: int = Field(default=365, ge=7, le=1825)


def _levels() -> dict[str, Level]:
    names = {
        "high": (0.8, "High risk", "高风险"),
        "medium": (0.5, "Medium risk", "中风险"),
        "low": (0, "Low risk", "低风险"),
    }
    return {key: Level(least=least, name=Words(en=en, zh=zh)) for key, (least, en, zh) in names.items()}


class Churn(Part):
    """What leaving means: no purchase within the horizon, or for contracts an end without renewal; and what is seen.

    `ends_agreed`: whether the end of a contract is agreed before it comes (null: as the data show); where it is not,
    no past day knows it. `windows` are the days over which behaviour is counted; `reactivation_rate` the share of
    leavers who may turn out to have stayed, for the proposal of a horizon; `origins` how many past days the models
    learn from.
    """

    horizon_days: int = Field(default=90, ge=7, le=730)
    grace_days: int = Field(default=30, ge=0, le=365)
    ends_agreed: bool | None = None
    reactivation_rate: float = Field(default=0.2, gt=0, lt=1)
    origins: int = Field(default=6, ge=2, le=24)
    windows: tuple[int, int, int, int] = (30, 90, 180, 365)
    service_event: str = "service_contact"
    costs: ChurnCosts = ChurnCosts()
    levels: dict[str, Level] = Field(default_factory=_levels)
    winback: Winback = Winback()

    @field_validator("windows")
    @classmethod
    def _ascend(cls, windows: tuple) -> tuple:
        if not 0 < windows[0] < windows[1] < windows[2] < windows[3]:
            raise ValueError(
                f"windows must be four numbers of days that ascend, as [30, 90, 180, 365]; found {windows}"
            )
        return windows

    @field_validator("levels")
    @classmethod
    def _descend_to_nothing(cls, levels: dict[str, Level]) -> dict[str, Level]:
        least = [level.least for level in levels.values()]
        if len(levels) < 2 or least != sorted(set(least), reverse=True) or least[-1] != 0:
            raise ValueError(f"levels go from the highest `least` down to 0, as 0.8, 0.5, 0; found {least}")
        if taken := sorted(levels.keys() & set(APART_FROM_RISK)):
            raise ValueError(f"'{taken[0]}' is what customers without a score are called; choose another key")
        return levels
