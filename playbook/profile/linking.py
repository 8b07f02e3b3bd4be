"""The linking part of a profile: which records are compared, by what, and how sure a tie must be."""

from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator

from playbook.profile.parts import Part
from playbook.tables.nearest import nearest

#: More records than this are rarely one customer; what is tied less surely than this is for review.
CAP, REVIEW_BELOW = 50, 0.999

#: What may be compared, each in the way its kind of value is written and mistaken.
Compared = Literal["name", "company", "phone", "email", "birth", "gender", "residence", "id_number"]

#: What records must have in common to be compared at all: one or several fields, or parts of them.
Block = Annotated[
    list[
        Literal[
            "name", "name_key", "surname_key", "given_key", "company_key", "phone_key", "phone_head", "phone_tail",
            "email", "email_core", "birth_date", "birth_year", "gender", "region_key", "city_key", "postcode",
            "address", "address_numbers", "id_number",
        ]
    ],
    Field(min_length=1),
]  # fmt: skip


class Linking(Part):
    """When records are one customer: `industries/retail.yml` is an example with every key explained."""

    region: str = Field(default="CN", pattern=r"^[A-Z]{2}$")
    most_holders: int = Field(default=10, gt=0)
    most_values: int = Field(default=3, gt=0)
    most_names: int = Field(default=2, gt=0)
    reissue_days: int = Field(default=365, gt=0)
    visitor_days: int = Field(default=365, gt=0)
    by_weight: bool = True
    threshold: float = Field(default=0.98, gt=0.5, lt=1)
    review_below: float = Field(default=REVIEW_BELOW, gt=0, le=1)
    cap: int = Field(default=CAP, gt=1)
    same_name: bool = True
    compare: tuple[Compared, ...] = get_args(Compared)
    blocks: tuple[Block, ...] = (
        ["phone_key"], ["email"], ["name_key", "phone_tail"], ["name_key", "phone_head"], ["name_key", "email_core"],
        ["name_key", "birth_date"], ["name_key", "address_numbers"], ["name_key", "postcode"],
        ["surname_key", "birth_date", "city_key"], ["surname_key", "email_core"], ["surname_key", "address_numbers"],
        ["company_key", "city_key"], ["id_number"],
    )  # fmt: skip
    training: tuple[Block, ...] = (
        ["name_key"], ["phone_key"], ["email"], ["birth_date"], ["address_numbers", "city_key"],
    )  # fmt: skip
    training_records: int = Field(default=200_000, ge=1_000)
    training_pairs: int = Field(default=2_000_000, ge=100_000)

    @field_validator("region")
    @classmethod
    def _country_has_phones(cls, region: str) -> str:
        from phonenumbers import SUPPORTED_REGIONS

        if region not in SUPPORTED_REGIONS:
            raise ValueError(f"there is no country '{region}' with phones; {nearest(region, SUPPORTED_REGIONS)}")
        return region

    @field_validator("training")
    @classmethod
    def _two_ways(cls, blocks: tuple) -> tuple:
        if len(blocks) < 2:
            raise ValueError("training needs two rules at least: what one of them holds equal, another must measure")
        return blocks
