"""The industry profile: what a business calls things, how it divides its customers, and by which thresholds."""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from playbook.profile import rules
from playbook.profile.checks import check_rules
from playbook.profile.churn import Churn
from playbook.profile.errors import Mistake, ProfileError, explained, placed
from playbook.profile.files import merged, names, schemes, with_scheme
from playbook.profile.golden import InternalPatterns, Survivorship
from playbook.profile.linking import Linking
from playbook.profile.measures import Measure
from playbook.profile.parts import Part, Words, one_of
from playbook.profile.seasons import THRESHOLDS, Calendar, thresholds_on
from playbook.profile.uses import note, unnoted
from playbook.profile.vocabulary import VOCABULARY, in_own_words

__all__ = ["LANGUAGES", "Ltv", "Profile", "ProfileError", "Rfm", "Tier", "load", "names", "schemes"]

LANGUAGES = ("en", "zh")

#: What tier and lifecycle rules may speak of, beside the profile's own measures.
RULE_COLUMNS = (
    "r_score", "f_score", "m_score", "recency_days", "frequency", "monetary",
    "orders_ever", "days_since_first", "is_internal",
)  # fmt: skip

#: Columns whose values a profile may name, for the reports.
NAMED = ("channel", "category", "region", "city", "store", "source", "gender", "level", "topic", "event", "campaign_id")


class Tier(Part):
    """One class of customers: the rule that makes it, what it means and what is done about it."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    rule: str
    name: Words
    meaning: Words | None = None
    action: Words | None = None
    target: float | None = Field(default=None, ge=0, le=1)
    before: str | None = None  # a tier added to a scheme stands before this one
    apart: bool = False  # outside all shares: internal customers, and people who never bought

    @field_validator("rule", mode="before")
    @classmethod
    def _true_is_a_rule(cls, rule: Any) -> Any:
        return str(rule).lower() if isinstance(rule, bool) else rule

    @field_validator("rule")
    @classmethod
    def _compiles(cls, rule: str, info: ValidationInfo) -> str:
        columns = (info.context or {}).get("columns", RULE_COLUMNS)
        rules.compile_rule(rule, columns, dict.fromkeys(THRESHOLDS, 1))
        return rule


class Cuts(Part):
    """Upper limits of the scores 1 to 4 (of recency: of 5 to 2), ascending; null takes quintiles at the first run."""

    recency_days: tuple[float, float, float, float] | None = None
    frequency: tuple[float, float, float, float] | None = None
    monetary: tuple[float, float, float, float] | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _four_ascending(cls, cuts: Any) -> Any:
        numbers = [cut for cut in cuts if isinstance(cut, int | float)] if isinstance(cuts, list | tuple) else []
        if cuts is not None and not (len(numbers) == 4 and list(cuts) == sorted(numbers)):
            raise ValueError(f"cuts must be four numbers that ascend, as [30, 60, 120, 240]; found {cuts}")
        return cuts


class Rfm(Part):
    """How recency, frequency and monetary value are measured and scored."""

    scheme: str = "five_tiers"
    window_days: int = Field(default=365, gt=0)
    lost_after_days: int = Field(default=365, gt=0)
    dormant_after_days: int = Field(default=180, gt=0)
    cuts: Cuts = Cuts()

    @field_validator("dormant_after_days")
    @classmethod
    def _before_lost(cls, days: int, info: ValidationInfo) -> int:
        lost = info.data.get("lost_after_days")
        if lost is not None and days >= lost:
            raise ValueError(f"dormant ({days} days) comes before lost ({lost} days); give a smaller number of days")
        return days


class ValueTiers(Part):
    """How far down the ranking by future value each value tier reaches, as a share of the buyers; the rest is `low`."""

    top: float = Field(default=0.05, gt=0, lt=1)
    high: float = Field(default=0.2, gt=0, lt=1)
    middle: float = Field(default=0.6, gt=0, lt=1)

    @field_validator("middle")
    @classmethod
    def _ascending(cls, middle: float, info: ValidationInfo) -> float:
        top, high = info.data.get("top", 0), info.data.get("high", 0)
        if not top < high < middle:
            raise ValueError(f"top, high and middle must ascend, as 0.05, 0.2, 0.6; found {top}, {high}, {middle}")
        return middle


class Ltv(Part):
    """How future value is forecast, and what turns sales into value."""

    model: Literal["auto", "bg_nbd", "pareto_nbd", "mbg_cnbd_k", "sbg"] = "auto"
    unit: Literal["weeks", "days"] = "weeks"
    horizon_days: int = Field(default=365, gt=0, le=3650)
    margin: float = Field(default=0.35, gt=0, le=1)
    cost_to_serve: float = Field(default=0.0, ge=0)
    discount_rate: float = Field(default=0.10, ge=0, lt=1)
    referral_share: float = Field(default=0.2, ge=0, le=1)
    value_tiers: ValueTiers = ValueTiers()


class Profile(Part):
    """One industry. `industries/retail.yml` is an example with every key explained."""

    key: str
    extends: str | None = None
    name: Words
    vocabulary: Annotated[dict[str, Words], one_of(VOCABULARY, "no report speaks of '{}'")]
    names: Annotated[dict[str, dict[str, Words]], one_of(NAMED, "no report names values of '{}'")] = Field(
        default_factory=dict
    )
    relationship: Literal["contractual", "non_contractual"]
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    time_zone: str = "UTC"
    purchase_cycle_days: int = Field(gt=0)
    linking: Linking = Linking()
    survivorship: Survivorship = Survivorship()
    internal: InternalPatterns = InternalPatterns()
    rfm: Rfm
    ltv: Ltv = Ltv()
    churn: Churn = Churn()
    calendar: Calendar = Calendar()
    measures: dict[str, Measure] = Field(default_factory=dict)
    tiers: dict[str, Tier]
    lifecycle: dict[str, Tier]

    @field_validator("names", mode="before")
    @classmethod
    def _values_are_texts(cls, names: Any) -> Any:
        """Names by the values as the data write them: 101, unquoted, is the text '101'."""
        if not isinstance(names, dict) or not all(isinstance(values, dict) for values in names.values()):
            raise ValueError("write a column, its values and their names, as channel: {web: {en: Web shop, zh: 网店}}")
        for value in (value for values in names.values() for value in values if isinstance(value, bool)):
            raise ValueError(f"put quotes around a value that YAML reads as {str(value).lower()}")
        return {column: {str(key): words for key, words in values.items()} for column, values in names.items()}

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"there is no time zone '{zone}'; write it as in Asia/Shanghai or UTC")
        return zone

    @field_validator("measures")
    @classmethod
    def _names_are_free(cls, measures: dict[str, Measure]) -> dict[str, Measure]:
        if taken := sorted(measures.keys() & {*RULE_COLUMNS, *THRESHOLDS, "customer_id", "tier", "lifecycle"}):
            raise ValueError(f"'{taken[0]}' is already the name of something every customer has; choose another")
        return measures

    @field_validator("tiers", "lifecycle", mode="before")
    @classmethod
    def _know_their_keys(cls, tiers: Any) -> Any:
        if not isinstance(tiers, dict):
            return tiers
        return {key: {"key": key} | tier if isinstance(tier, dict) else tier for key, tier in tiers.items()}

    def __getattribute__(self, name: str) -> Any:
        if name in PARTS:
            note("profile", name)
        return super().__getattribute__(name)

    @property
    def rule_columns(self) -> tuple[str, ...]:
        """What this profile's rules may speak of."""
        return (*RULE_COLUMNS, *self.measures)

    @property
    def constants(self) -> dict[str, float]:
        """The thresholds that rules may call by name, in days, as they usually hold."""
        values = (self.purchase_cycle_days, self.rfm.lost_after_days, self.rfm.dormant_after_days)
        return dict(zip(THRESHOLDS, values, strict=True))

    def case(self, part: Literal["tiers", "lifecycle"], day: date | None = None) -> str:
        """A CASE expression over `rule_columns` that gives each customer's tier or stage.

        Rules hold with the thresholds of the day's season; for no day with the usual ones.
        """
        constants = thresholds_on(self.calendar, self.constants, day) if day else self.constants
        ordered = [(tier.key, tier.rule) for tier in getattr(self, part).values()]
        return rules.first_match(ordered, self.rule_columns, constants)

    @property
    def digest(self) -> str:
        """A hash of everything the profile says."""
        return hashlib.sha256(json.dumps(self.model_dump(), sort_keys=True).encode()).hexdigest()


#: The keys of a profile: what a step used of them is noted.
PARTS = frozenset(Profile.model_fields)


def load(industry: str | Path) -> Profile:
    """A built-in industry by name, or a profile of one's own by the path of its file.

    Raises `ProfileError` that names file, line and key.

    >>> load("retail").tiers["new"].name["en"]
    'New'
    """
    data, lines = merged(industry)
    try:
        data, lines = with_scheme(data, lines)
        measures = data.get("measures")
        columns = (*RULE_COLUMNS, *(measures if isinstance(measures, dict) else ()))
        profile = Profile.model_validate(in_own_words(data), context={"columns": columns})
        with unnoted():
            check_rules(profile)
    except ValidationError as error:
        raise ProfileError(explained(error, Profile, lines)) from None
    except Mistake as error:
        raise ProfileError(placed(error.loc, error, lines)) from None
    return profile
