"""The files of a profile: the built-in industries and schemes, and what one file takes over from another."""

from pathlib import Path
from typing import Any

import yaml

from playbook.profile.errors import Mistake, ProfileError, placed
from playbook.profile.vocabulary import completed
from playbook.profile.yaml_lines import Lines, read_yaml
from playbook.tables.nearest import nearest

FOLDER = Path(__file__).parents[1] / "industries"


def names() -> list[str]:
    """The built-in industries."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


def schemes() -> list[str]:
    """The ready-made schemes of tiers."""
    return sorted(path.stem for path in (FOLDER / "schemes").glob("*.yml"))


def merged(industry: str | Path, *, extended_by: tuple[Path, ...] = ()) -> tuple[dict[str, Any], Lines]:
    """The data of a profile over those of the profiles that it extends, and the line of each key.

    `industry` is a built-in name or a path. `ProfileError` where a file is missing, unreadable or extends itself.
    """
    path = _path(industry)
    if path in extended_by:
        raise ProfileError(f"{path.name} extends itself: {' -> '.join(p.name for p in (*extended_by, path))}.")
    try:
        data, lines = read_yaml(path)
    except yaml.YAMLError as error:
        raise ProfileError(f"{path.name} is not readable YAML: {str(error).replace(chr(10), ' ')}") from None
    if "vocabulary" in data:
        data["vocabulary"] = completed(data["vocabulary"])
    if not data.get("extends"):
        return data, lines
    parent = str(data["extends"])
    try:
        parent_path = _path(path.parent / parent if parent.endswith((".yml", ".yaml")) else parent)
    except ProfileError as error:
        raise ProfileError(placed(("extends",), error, lines)) from None
    base, base_lines = merged(parent_path, extended_by=(*extended_by, path))
    over = _overlay(base, data)
    if isinstance(base.get("internal"), dict) and isinstance(data.get("internal"), dict):
        over["internal"] = base["internal"] | data["internal"]  # here null is a value: it looks for none
    return over, lines.over(base_lines)


def with_scheme(data: dict[str, Any], lines: Lines) -> tuple[dict[str, Any], Lines]:
    """The data with the tiers of their scheme, the profile's own tiers over them; `Mistake` where it does not exist."""
    tiers = data.get("tiers") or {}
    if not isinstance(tiers, dict):
        raise Mistake(("tiers",), "write each tier under its key, as silent: {...}.")
    rfm = data.get("rfm")
    scheme = rfm.get("scheme", "five_tiers") if isinstance(rfm, dict) else "five_tiers"
    if scheme == "own":
        if not tiers:
            raise Mistake(("rfm", "scheme"), "with 'own' all tiers are given under 'tiers:'; there are none.")
        return data, lines
    if scheme not in schemes():
        raise Mistake(("rfm", "scheme"), f"there is no scheme '{scheme}'; {nearest(scheme, [*schemes(), 'own'])}")
    base, base_lines = read_yaml(FOLDER / "schemes" / f"{scheme}.yml")
    return data | {"tiers": _ordered(_overlay(base["tiers"], tiers))}, lines.over(base_lines)


def _path(industry: str | Path) -> Path:
    path = Path(industry)
    if path.suffix in {".yml", ".yaml"}:
        if not path.is_file():
            raise ProfileError(f"there is no profile file {path}.")
        return path
    if str(industry) not in names():
        raise ProfileError(f"there is no industry '{industry}'; {nearest(industry, names())}")
    return FOLDER / f"{industry}.yml"


def _overlay(base: Any, change: Any) -> Any:
    """The base with what changes: key by key, null takes a key out."""
    if not (isinstance(base, dict) and isinstance(change, dict)):
        return change
    over = dict(base)
    for key, value in change.items():
        if key not in base:
            over[key] = value
        elif value is None:
            del over[key]
        else:
            over[key] = _overlay(base[key], value)
    return over


def _ordered(tiers: dict[str, Any]) -> dict[str, Any]:
    """The tiers, those that say `before:` moved to their place."""
    ordered = list(tiers)
    for key, tier in tiers.items():
        target = tier.get("before") if isinstance(tier, dict) else None
        if target is None:
            continue
        if target not in tiers:
            raise Mistake(("tiers", key, "before"), f"there is no tier '{target}'; {nearest(target, tiers)}")
        ordered.remove(key)
        ordered.insert(ordered.index(target), key)
    return {key: tiers[key] for key in ordered}
