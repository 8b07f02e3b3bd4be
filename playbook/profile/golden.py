"""The part of a profile about one record per customer: whose value survives, and who looks internal."""

from typing import Annotated, Literal

from pydantic import Field

from playbook.profile.parts import Part, one_of

SurvivalRule = Literal["newest", "oldest", "most_frequent", "most_trusted", "longest"]

#: The fields of a customer that several records may give, and those of them that reach a person.
CONTACT_FIELDS = ("name", "phone", "email", "address")
GOLDEN_FIELDS = (
    "registered_on", "region", "city", "gender", "birth_year", "acquisition_channel", "level", "points", "owner",
    *CONTACT_FIELDS,
)  # fmt: skip

UNKNOWN_FIELD = "customers have no field '{}' (an attribute stands under attributes)"


def _oldest() -> dict[str, SurvivalRule]:
    return {"registered_on": "oldest", "acquisition_channel": "oldest"}


class Survivorship(Part):
    """Which record's value survives where a customer's records disagree.

    `trusted` names sources, the most trusted first; those not named come after them. `fields` gives a rule to a field,
    `attributes` to an attribute of the data's own; all others follow `default`.
    """

    trusted: tuple[str, ...] = ()
    default: SurvivalRule = "newest"
    fields: Annotated[dict[str, SurvivalRule], one_of(GOLDEN_FIELDS, UNKNOWN_FIELD)] = Field(default_factory=_oldest)
    attributes: dict[str, SurvivalRule] = Field(default_factory=dict)

    def rule(self, field: str) -> SurvivalRule:
        """The rule for a field or an attribute."""
        return self.fields.get(field) or self.attributes.get(field) or self.default


class InternalPatterns(Part):
    """Behaviour by which staff, resellers and a cashier's own card are proposed as internal; null looks for none."""

    purchases_a_day: int | None = Field(default=12, gt=1)
    stores_a_day: int | None = Field(default=5, gt=1)
