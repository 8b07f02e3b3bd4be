"""YAML with the file and line of every key, so that an error can point at it."""

from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import yaml

#: PyYAML's own parser in C where it was built with it: eight times faster, and read in every kernel.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXTS = ("bool", "int", "float", "timestamp")


class AsWritten(LOADER):
    """Leaves words, numbers and days as they are written: a column called no is no `False`, 0123 no 83."""

    yaml_implicit_resolvers: ClassVar[dict] = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] not in _TEXTS]
        for first, resolvers in LOADER.yaml_implicit_resolvers.items()
    }


class Lines(NamedTuple):
    """Where each key stands: a path of keys -> (file name, line)."""

    file: str
    places: dict[tuple, tuple[str, int]]

    def over(self, base: "Lines") -> "Lines":
        """These places, and those of a file that this one extends; a list here stands in place of the one there."""
        kept = {loc: place for loc, place in base.places.items() if not self._replaces(loc)}
        return Lines(self.file, kept | self.places)

    def place(self, loc: tuple) -> str:
        """File and line of a key, or of the nearest key above it that is written down."""
        while loc and loc not in self.places:
            loc = loc[:-1]
        file, line = self.places.get(loc, (self.file, 1))
        return f"{file}, line {line}"

    def _replaces(self, loc: tuple) -> bool:
        return any(isinstance(part, int) and loc[:at] in self.places for at, part in enumerate(loc))


def read_yaml(path: Path, loader: Any = LOADER) -> tuple[dict, Lines]:
    """The mapping in a YAML file and the line of each key; raises `yaml.YAMLError`, duplicate keys included."""
    loader = loader(Path(path).read_text(encoding="utf-8-sig"))
    try:
        node = loader.get_single_node()
        places: dict[tuple, tuple[str, int]] = {}
        _walk(node, (), Path(path).name, places)
        data = node and loader.construct_document(node)
    except ValueError as error:
        raise yaml.YAMLError(f"a day or number in it does not exist ({error})") from None
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        raise yaml.YAMLError(f"expected keys and values, found {type(data).__name__}")
    return data, Lines(Path(path).name, places)


def _walk(node: Any, loc: tuple, file: str, places: dict) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _enter(key.value, key, value, loc, file, places)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            _enter(number, value, value, loc, file, places)


def _enter(name: Any, mark: Any, value: Any, loc: tuple, file: str, places: dict) -> None:
    inside, line = (*loc, name), mark.start_mark.line + 1
    if inside in places:
        raise yaml.YAMLError(f"the key '{name}' stands twice, in lines {places[inside][1]} and {line}")
    places[inside] = (file, line)
    _walk(value, inside, file, places)
