"""The industry profile: what a business calls things, how it divides its customers, and by which thresholds."""

import hashlib
import json
import re
from datetime import date
from pathlib import Path
from typing import Any, Literal
from zoneinfo import available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from playbook.profile import rules, seasons
from playbook.profile.bilingual import Words
from playbook.profile.checks import Unusable, check_rules
from playbook.profile.churn import Churn, ChurnCosts, Level, Winback
from playbook.profile.errors import in_words
from playbook.profile.golden import InternalPatterns, Survivorship
from playbook.profile.linking import Linking
from playbook.profile.measures import Measure
from playbook.profile.seasons import Calendar, thresholds_on
from playbook.profile.uses import note
from playbook.profile.vocabulary import VOCABULARY, UnknownWord, completed, in_own_words
from playbook.profile.yaml_lines import Lines, read_yaml
from playbook.tables.nearest import nearest

FOLDER = Path(__file__).parents[1] / "industries"
LANGUAGES = ("en", "zh")

#: What tier and lifecycle rules may speak of, beside the profile's own measures.
RULE_COLUMNS = (
    "r_score", "f_score", "m_score", "recency_days", "frequency", "monetary",
    "orders_ever", "days_since_first", "is_internal",
)  # fmt: skip


#: Thresholds of the profile that rules may call by name.
CONSTANTS = seasons.THRESHOLDS

#: Columns whose values a profile may name, for the reports.
NAMED = ("channel", "category", "region", "city", "store", "source", "gender", "level", "topic", "event", "campaign_id")


class ProfileError(ValueError):
    """A profile that cannot be used: the message names file, line, key and remedy."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Tier(_Part):
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
    def _rule_is_checked(cls, rule: str, info: ValidationInfo) -> str:
        rules.compile_rule(rule, (info.context or {}).get("columns", RULE_COLUMNS), dict.fromkeys(CONSTANTS, 1))
        return rule


class Cuts(_Part):
    """Upper limits of the scores 1 to 4 (of recency: of 5 to 2), ascending; null takes quintiles at the first run."""

    recency_days: tuple[float, float, float, float] | None = None
    frequency: tuple[float, float, float, float] | None = None
    monetary: tuple[float, float, float, float] | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _four_ascending(cls, cuts: Any) -> Any:
        if cuts is not None and not _ascend(cuts):
            raise ValueError(f"cuts must be four numbers that ascend, as [30, 60, 120, 240]; found {cuts}")
        return cuts


class Rfm(_Part):
    """How recency, frequency and monetary value are measured and scored."""

    scheme: str = "five_tiers"
    window_days: int = Field(default=365, gt=0)
    lost_after_days: int = Field(default=365, gt=0)
    dormant_after_days: int = Field(default=180, gt=0)

    @field_validator("dormant_after_days")
    @classmethod
    def _before_lost(cls, days: int, info: ValidationInfo) -> int:
        lost = info.data.get("lost_after_days")
        if lost is not None and days >= lost:
            raise ValueError(f"dormant ({days} days) comes before lost ({lost} days); give a smaller number of days")
        return days

    cuts: Cuts = Cuts()


class ValueTiers(_Part):
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


class Ltv(_Part):
    """How future value is forecast, and what turns sales into value."""

    model: Literal["auto", "bg_nbd", "pareto_nbd", "mbg_cnbd_k", "sbg"] = "auto"
    unit: Literal["weeks", "days"] = "weeks"
    horizon_days: int = Field(default=365, gt=0, le=3650)
    margin: float = Field(default=0.35, gt=0, le=1)
    cost_to_serve: float = Field(default=0.0, ge=0)
    discount_rate: float = Field(default=0.10, ge=0, lt=1)
    referral_share: float = Field(default=0.2, ge=0, le=1)
    value_tiers: ValueTiers = ValueTiers()


class Profile(_Part):
    """One industry. `industries/retail.yml` is an example with every key explained."""

    key: str
    extends: str | None = None
    name: Words
    vocabulary: dict[str, Words]
    names: dict[str, dict[str, Words]] = {}
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
    measures: dict[str, Measure] = {}
    tiers: dict[str, Tier]
    lifecycle: dict[str, Tier]

    @field_validator("vocabulary")
    @classmethod
    def _words_are_used(cls, vocabulary: dict[str, Words]) -> dict[str, Words]:
        if unknown := sorted(vocabulary.keys() - set(VOCABULARY)):
            raise ValueError(f"no report speaks of '{unknown[0]}'; {nearest(unknown[0], VOCABULARY)}")
        return vocabulary

    @field_validator("names", mode="before")
    @classmethod
    def _named_columns_exist(cls, names: Any) -> Any:
        if not isinstance(names, dict) or not all(isinstance(values, dict) for values in names.values()):
            raise ValueError("write a column, its values and their names, as channel: {web: {en: Web shop, zh: 网店}}")
        if unknown := sorted(names.keys() - set(NAMED)):
            raise ValueError(f"no report names values of '{unknown[0]}'; {nearest(unknown[0], NAMED)}")
        return {column: _as_text(values) for column, values in names.items()}

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"there is no time zone '{zone}'; write it as in Asia/Shanghai or UTC")
        return zone

    @field_validator("measures")
    @classmethod
    def _names_are_free(cls, measures: dict[str, Measure]) -> dict[str, Measure]:
        if taken := sorted(measures.keys() & {*RULE_COLUMNS, *CONSTANTS, "customer_id", "tier", "lifecycle"}):
            raise ValueError(f"'{taken[0]}' is already the name of something every customer has; choose another")
        return measures

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
        """The thresholds that rules may call by name, with their values."""
        rfm = self.rfm
        return dict(
            zip(CONSTANTS, (self.purchase_cycle_days, rfm.lost_after_days, rfm.dormant_after_days), strict=True)
        )

    def constants_on(self, day: date | None) -> dict[str, float]:
        """The thresholds as they hold on a day, in its season; the usual ones for no day."""
        return thresholds_on(self.calendar, self.constants, day) if day else self.constants

    def case(self, part: Literal["tiers", "lifecycle"], day: date | None = None) -> str:
        """A CASE expression over `rule_columns` that gives each customer's tier or stage, as rules hold on a day."""
        ordered = [(tier.key, tier.rule) for tier in getattr(self, part).values()]
        return rules.first_match(ordered, self.rule_columns, self.constants_on(day))

    @property
    def digest(self) -> str:
        """A hash of everything the profile says."""
        return hashlib.sha256(json.dumps(self.model_dump(), sort_keys=True).encode()).hexdigest()


#: The keys of a profile: what a step used of them is noted.
PARTS = frozenset(Profile.model_fields)


def schemes() -> list[str]:
    """The ready-made schemes of tiers."""
    return sorted(path.stem for path in (FOLDER / "schemes").glob("*.yml"))


def names() -> list[str]:
    """The built-in industries."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


def load(industry: str | Path) -> Profile:
    """A built-in industry by name, or a profile of one's own by the path of its file.

    Raises `ProfileError` that names file, line and key.
    """
    data, lines = _with_scheme(*_merged(_path(industry)))
    try:
        spoken = in_own_words(_keyed(data))
        profile = Profile.model_validate(spoken, context={"columns": _rule_columns(data)})
        check_rules(profile)
    except ValidationError as error:
        raise ProfileError(_explain(error, lines)) from None
    except (Unusable, UnknownWord) as error:
        raise ProfileError(f"{lines.place(error.loc)}, key '{'.'.join(error.loc)}': {error}") from None
    return profile


def _ascend(cuts: Any) -> bool:
    numbers = isinstance(cuts, list | tuple) and len(cuts) == 4 and all(isinstance(cut, int | float) for cut in cuts)
    return numbers and list(cuts) == sorted(cuts)


def _with_scheme(data: dict, lines: Lines) -> tuple[dict, Lines]:
    if not isinstance(data.get("tiers") or {}, dict):
        place = lines.place(("tiers",))
        raise ProfileError(f"{place}, key 'tiers': write each tier under its key, as silent: {{...}}.")
    settings = data.get("rfm") if isinstance(data.get("rfm"), dict) else {}
    scheme = settings.get("scheme", "five_tiers")
    if scheme == "own" and not data.get("tiers"):
        place = lines.place(("rfm", "scheme"))
        raise ProfileError(f"{place}, key 'rfm.scheme': with 'own' all tiers are given under 'tiers:'; there are none.")
    if scheme == "own":
        return data, lines
    if scheme not in schemes():
        place = lines.place(("rfm", "scheme"))
        raise ProfileError(f"{place}, key 'rfm.scheme': there is no scheme '{scheme}'; {_nearest_scheme(scheme)}")
    base, base_lines = read_yaml(FOLDER / "schemes" / f"{scheme}.yml")
    merged = _overlay({"tiers": base["tiers"]}, {"tiers": data.get("tiers") or {}})
    return data | {"tiers": _placed(merged["tiers"], lines)}, lines.over(base_lines)


def _nearest_scheme(scheme: str) -> str:
    return nearest(str(scheme), [*schemes(), "own"])


def _placed(tiers: dict, lines: Lines) -> dict:
    """Tiers in order, those that say `before:` moved to their place."""
    ordered = list(tiers)
    for key, tier in tiers.items():
        target = tier.get("before") if isinstance(tier, dict) else None
        if target is not None and target not in tiers:
            place = lines.place(("tiers", key, "before"))
            raise ProfileError(
                f"{place}, key 'tiers.{key}.before': there is no tier '{target}'; {nearest(str(target), tiers)}"
            )
        if target:
            ordered.remove(key)
            ordered.insert(ordered.index(target), key)
    return {key: tiers[key] for key in ordered}


def _rule_columns(data: dict) -> tuple[str, ...]:
    measures = data.get("measures")
    return (*RULE_COLUMNS, *(measures if isinstance(measures, dict) else ()))


def _path(industry: str | Path) -> Path:
    path = Path(industry)
    if path.suffix in {".yml", ".yaml"}:
        if not path.is_file():
            raise ProfileError(f"there is no profile file {path}.")
        return path
    if str(industry) not in names():
        raise ProfileError(f"there is no industry '{industry}'; {nearest(str(industry), names())}")
    return FOLDER / f"{industry}.yml"


def _merged(path: Path, seen: tuple = ()) -> tuple[dict, Lines]:
    if path in seen:
        raise ProfileError(f"{path.name} extends itself: {' -> '.join(p.name for p in (*seen, path))}.")
    try:
        data, lines = read_yaml(path)
    except yaml.YAMLError as error:
        raise ProfileError(f"{path.name} is not readable YAML: {re.sub(chr(10), ' ', str(error))}") from None
    if "vocabulary" in data:
        data = data | {"vocabulary": completed(data["vocabulary"])}
    if not (parent := data.get("extends")):
        return data, lines
    try:
        parent_path = _path(_beside(path, str(parent)))
    except ProfileError as error:
        raise ProfileError(f"{lines.place(('extends',))}, key 'extends': {error}") from None
    base, base_lines = _merged(parent_path, (*seen, path))
    return _overlay(base, data) | _kept_nulls(base, data), lines.over(base_lines)


def _beside(path: Path, parent: str) -> str | Path:
    return path.parent / parent if parent.endswith((".yml", ".yaml")) else parent


def _overlay(base: Any, change: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(change, dict)):
        return change
    kept = {key: value for key, value in base.items() if not (key in change and change[key] is None)}
    merged = {key: _overlay(value, change[key]) if key in change else value for key, value in kept.items()}
    return merged | {key: value for key, value in change.items() if key not in base}


def _kept_nulls(base: dict, change: dict) -> dict:
    """The part `internal`, in which null is a value: it looks for none."""
    parts = base.get("internal"), change.get("internal")
    return {"internal": parts[0] | parts[1]} if all(isinstance(part, dict) for part in parts) else {}


def _as_text(named: dict) -> dict:
    """Names by the values as the data write them: 101, unquoted, is the text '101'."""
    if switches := [key for key in named if isinstance(key, bool)]:
        raise ValueError(f"put quotes around a value that YAML reads as {str(switches[0]).lower()}")
    return {str(key): words for key, words in named.items()}


def _keyed(data: dict) -> dict:
    parts = {part: _with_keys(data[part]) for part in ("tiers", "lifecycle") if isinstance(data.get(part), dict)}
    return data | parts


def _with_keys(tiers: dict) -> dict:
    return {key: ({"key": key} | tier if isinstance(tier, dict) else tier) for key, tier in tiers.items()}


def _explain(error: ValidationError, lines: Lines) -> str:
    return "\n".join(_sentence(problem, lines) for problem in error.errors())


def _sentence(problem: dict, lines: Lines) -> str:
    loc = tuple(part for part in problem["loc"] if isinstance(part, str | int))
    what = in_words(problem) if problem["type"] != "extra_forbidden" else _unknown(loc)
    return f"{lines.place(loc)}, key '{'.'.join(map(str, loc)) or 'profile'}': {what}"


def _unknown(loc: tuple) -> str:
    return f"this key is not known here; {nearest(str(loc[-1]), _fields_at(loc[:-1]))}"


def _fields_at(loc: tuple) -> list[str]:
    at = _PARTS.get(loc[0] if loc else "", Profile)
    at = {"cuts": Cuts, "value_tiers": ValueTiers, "costs": ChurnCosts, "levels": Level, "winback": Winback}.get(
        str(loc[-1]) if loc else "", at
    )
    return list(at.model_fields)


_PARTS = {
    "rfm": Rfm, "ltv": Ltv, "churn": Churn, "tiers": Tier, "lifecycle": Tier, "measures": Measure,
    "linking": Linking, "survivorship": Survivorship, "internal": InternalPatterns,
}  # fmt: skip
