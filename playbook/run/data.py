"""What a run reads: the built-in sample, or a folder with exports and their sources.yml."""

import hashlib
import os
import shutil
import uuid
from pathlib import Path
from typing import NamedTuple

import yaml

from playbook.profile.yaml_lines import AsWritten, read_yaml
from playbook.run.workspace import UnusableName, anchored, run_name

SAMPLE_CUSTOMERS, SAMPLE_SEED = 5000, 42


class DataError(ValueError):
    """The data asked for is not there; the message says what was looked for."""


class Data(NamedTuple):
    """A folder with `sources.yml`, and the name its runs go by."""

    folder: Path
    name: str


def find(data: str, out: str | Path = "runs") -> Data:
    """The folder behind the parameter `data`.

    `sample`, `sample:20000` and `sample:20000:7` (customers, seed) are generated once and kept under `out`; anything
    else is the path of a folder, or of its `sources.yml`.
    """
    if data.split(":")[0] == "sample":
        return _sample(data, anchored(out))
    folder = Path(data).resolve()
    folder = folder.parent if folder.name == "sources.yml" else folder
    if not (folder / "sources.yml").is_file():
        raise DataError(
            f"there is no sources.yml in {folder}; it says which file holds which table. The folders in examples/"
            " show how one looks."
        )
    return Data(folder, _declared_name(folder))


def name_of(data: str) -> str:
    """The name that runs on some data go by, without looking at the data of a sample."""
    return _sample_name(*_sample_size(data)) if data.split(":")[0] == "sample" else find(data).name


def decision_files(folder: Path) -> list[Path]:
    """What people have decided about this data, by the files' names, which begin with the day."""
    return sorted(path for path in (Path(folder) / "decisions").glob("*") if path.suffix.lower() in (".yml", ".yaml"))


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _declared_name(folder: Path) -> str:
    path = folder / "sources.yml"
    try:
        return run_name(str(read_yaml(path, AsWritten)[0].get("name") or folder.name))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path} does not read as YAML in UTF-8: {error}") from None
    except UnusableName as error:
        raise DataError(f"{path}, name: {error}") from None


def _sample(data: str, out: Path) -> Data:
    customers, seed = _sample_size(data)
    name = _sample_name(customers, seed)
    folder = out / ".samples" / f"{name}-{_generator_version()}"
    if not folder.is_dir():
        _generate(folder, customers, seed)
    return Data(folder, name)


def _sample_name(customers: int, seed: int) -> str:
    default = (customers, seed) == (SAMPLE_CUSTOMERS, SAMPLE_SEED)
    return "retail-sample" if default else f"retail-sample-{customers}-{seed}"


def _sample_size(data: str) -> tuple[int, int]:
    parts = data.split(":")[1:]
    if len(parts) > 2 or not all(part.isdigit() for part in parts):
        raise DataError(f"'{data}': write sample, sample:20000 or sample:20000:7 (customers, then seed).")
    numbers = [int(part) for part in parts]
    customers, seed = (numbers + [SAMPLE_CUSTOMERS, SAMPLE_SEED][len(numbers) :])[:2]
    if customers < 50:
        raise DataError(f"a sample needs at least 50 customers to show anything; {customers} were asked for.")
    return customers, seed


def _generate(folder: Path, customers: int, seed: int) -> None:
    from playbook import sample

    part = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}")
    sample.generate(part, customers=customers, seed=seed)
    try:
        os.rename(part, folder)
    except OSError:  # another process was quicker; its sample is the same
        shutil.rmtree(part)


def _generator_version() -> str:
    package = Path(__file__).parents[1] / "sample"
    sources = [path for path in sorted(package.iterdir()) if path.suffix in {".py", ".yml", ".sql"}]
    return hashlib.sha256("".join(map(digest, sources)).encode()).hexdigest()[:8]
