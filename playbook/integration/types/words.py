"""The words of `words.yml`, by kind."""

from functools import cache
from pathlib import Path

import yaml

from playbook.profile.yaml_lines import LOADER


@cache
def words(kind: str):
    """What `words.yml` lists under a kind: a list or a mapping."""
    return _all()[kind]


@cache
def _all() -> dict:
    return yaml.load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"), Loader=LOADER)
