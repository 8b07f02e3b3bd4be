"""The part of a profile about one record per customer: whose value survives, and who looks internal."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from playbook.tables.nearest import nearest

SurvivalRule = Literal["newest", "oldest", "most_frequent", "most_trusted", "longest"]

#: The fields of a customer that several records may give, and those of them that reach a person.
CONTACT_FIELDS = ("name", "phone", "email", "address")
GOLDEN_FIELDS = (
    "registered_on", "region", "city", "gender", "birth_year", "acquisition_channel", "level", "points", "owner",
    *CONTACT_FIELDS,
)  # fmt: skip


class Survivorship(BaseModel):
    """Which record's value survives where a customer's records disagree.

    `trusted` names sources, the most trusted first; those not named come after them. `fields` gives a rule to a field,
    `attributes` to an attribute of the data's own; all others follow `default`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    trusted: tuple[str, ...] = ()
    default: SurvivalRule = "newest"
    fields: dict[str, SurvivalRule] = {"registered_on": "oldest", "acquisition_channel": "oldest"}
    attributes: dict[str, SurvivalRule] = {}

    @field_validator("fields")
    @classmethod
    def _fields_exist(cls, fields: dict[str, SurvivalRule]) -> dict[str, SurvivalRule]:
        if unknown := sorted(fields.keys() - set(GOLDEN_FIELDS)):
            hint = nearest(unknown[0], GOLDEN_FIELDS)
            raise ValueError(f"customers have no field '{unknown[0]}'; {hint} An attribute stands under attributes")
        return fields

    def rule(self, field: str) -> SurvivalRule:
        """The rule for a field or an attribute."""
        return self.fields.get(field) or self.attributes.get(field) or self.default


class InternalPatterns(BaseModel):
    """Behaviour by which staff, resellers and a cashier's own card are proposed as internal; null looks for none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    purchases_a_day: int | None = Field(default=12, gt=1)
    stores_a_day: int | None = Field(default=5, gt=1)
