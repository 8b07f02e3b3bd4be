"""What the parts of a profile are built of: strict models, words in both languages, names that must exist."""

from collections.abc import Collection
from typing import Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from playbook.tables.nearest import nearest


class Part(BaseModel):
    """A part of a profile: no unknown keys, no change once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Words(Part):
    """A name or sentence of a profile, in English and in Chinese."""

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)

    def __getitem__(self, language: str) -> str:
        return getattr(self, language)


def one_of(names: Collection[str], message: str) -> AfterValidator:
    """A check that a text, or each key of a mapping, is among `names`; `message` says what another one is not."""

    def check(value: Any) -> Any:
        for name in [value] if isinstance(value, str) else value:
            if name not in names:
                raise ValueError(f"{message.format(name)}; {nearest(name, names)}")
        return value

    return AfterValidator(check)
