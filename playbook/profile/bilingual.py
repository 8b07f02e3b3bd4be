"""One thing said in both languages."""

from pydantic import BaseModel, ConfigDict, Field


class Words(BaseModel):
    """A name or sentence of a profile, in English and in Chinese."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)

    def __getitem__(self, language: str) -> str:
        return getattr(self, language)
