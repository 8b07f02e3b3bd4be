"""The page: what the notebooks said, as one self-contained HTML file in one language."""

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import playbook
from playbook.report.payloads import payloads
from playbook.report.text import Part, Words, words
from playbook.report.text.sheet import Sheet, sheet

FOLDER = Path(__file__).parent
HTML_LANGUAGE = {"en": "en", "zh": "zh-CN"}

COUNTED = ("quarantined", "duplicate", "future_dated", "excluded")
FILE_COLUMNS = ("source", "files", "rows", "accepted_share", *COUNTED, "first_day", "last_day")
FILE_FORMATS = dict.fromkeys(FILE_COLUMNS, "int") | {
    "source": "text",
    "accepted_share": "pct",
    "first_day": "date",
    "last_day": "date",
}


class Saying(NamedTuple):
    """A takeaway or a flag: its sentence in pieces, and what it rests on."""

    kind: str
    anchor: str
    parts: list[Part]
    evidence: list[str]
    in_summary: bool


class Exhibit(NamedTuple):
    """A table or a figure under its number."""

    kind: str
    label: str
    content: Sheet | dict


class Chapter(NamedTuple):
    """One notebook's part of the report, in the notebook's order."""

    anchor: str
    number: int
    title: str
    intro: str
    items: list[Saying | Exhibit]

    def messages(self, kind: str) -> list[Saying]:
        """Its takeaways or flags, for the summary."""
        return [item for item in self.items if item.kind == kind and item.in_summary]


def render(notebooks: Sequence[str | Path], *, language: str, profile: Any, meta: dict[str, Any]) -> str:
    """The report on executed notebooks as HTML, equal bytes for equal input.

    `meta`: `name`, `as_of` and `run_id` of the run; `currency` where the data's is not the profile's; `files`, rows of
    the table files, for "what this rests on". A text that the language lacks is a `MissingText`.
    """
    texts = words(language, profile, meta.get("currency"))
    style = (FOLDER / "report.css").read_text(encoding="utf-8")
    spoken = {Path(notebook).stem: payloads(notebook) for notebook in notebooks}
    chapters = _chapters(texts, spoken)
    return _template().render(
        words=texts,
        language=HTML_LANGUAGE[language],
        style=Markup(style),
        style_hash=b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        chapters=chapters,
        flags=[flag for chapter in chapters for flag in chapter.messages("flag")],
        checks=sum(payload["kind"] == "check" for chapter in spoken.values() for payload in chapter),
        sources=_sources(texts, meta.get("files") or []),
        meta={"version": playbook.__version__, "industry": profile.name[language]} | meta,
    )


@cache
def _template():
    loader = FileSystemLoader(FOLDER)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("template.html.j2")


def _chapters(texts: Words, spoken: dict[str, list[dict]]) -> list[Chapter]:
    numbers = {"table": count(1), "figure": count(1)}
    return [
        Chapter(
            anchor=name,
            number=number,
            title=texts(f"chapter.{name}.title"),
            intro=texts(f"chapter.{name}.intro"),
            items=list(_items(texts, name, payloads, numbers)),
        )
        for number, (name, payloads) in enumerate(spoken.items(), 1)
    ]


def _items(texts: Words, chapter: str, payloads: list[dict], numbers: dict[str, count]) -> Iterable[Saying | Exhibit]:
    for position, payload in enumerate(payloads, 1):
        kind = payload["kind"]
        if kind in ("takeaway", "flag"):
            yield _saying(texts, payload, f"{chapter}-{position}")
        elif kind in numbers:
            content = sheet(texts, payload) if kind == "table" else payload["pictures"][texts.language]
            yield Exhibit(kind, texts(f"report.{kind}", n=next(numbers[kind])), content)


def _saying(texts: Words, payload: dict, anchor: str) -> Saying:
    return Saying(
        kind=payload["kind"],
        anchor=anchor,
        parts=texts.parts(payload["key"], payload["values"]),
        evidence=list(_evidence(texts, payload)),
        in_summary=not payload.get("detail"),
    )


def _evidence(texts: Words, payload: dict) -> Iterable[str]:
    if payload.get("n"):
        yield texts("report.evidence_n", counted=texts.count(payload["n"], payload.get("of") or "customer"))
    if payload.get("quality") is not None:
        yield texts("report.evidence_quality", quality=payload["quality"])
    if payload.get("agrees") is not None:
        yield texts("report.evidence_agrees" if payload["agrees"] else "report.evidence_disagrees")


class Sources(NamedTuple):
    """What the report rests on: the facts in one line, and a table of the sources."""

    facts: dict[str, Any]
    sheet: Sheet


def _sources(texts: Words, files: list[dict]) -> Sources | None:
    if not files:
        return None
    names = dict.fromkeys(file["source"] for file in files)
    rows = [_source(name, [file for file in files if file["source"] == name]) for name in names]
    facts = {"rows": sum(row["rows"] for row in rows), "files": len(files), "sources": len(rows)}
    facts["accepted"] = _accepted(*(sum(file[status] for file in files) for status in ("accepted", "quarantined")))
    payload = {"key": "report_files", "columns": FILE_COLUMNS, "formats": FILE_FORMATS}
    return Sources(facts, sheet(texts, payload | {"rows": [[row[name] for name in FILE_COLUMNS] for row in rows]}))


def _accepted(accepted: int, quarantined: int) -> float | None:
    """The share of the rows that should count: repeats, later rows and what own rules exclude are no loss."""
    return accepted / (accepted + quarantined) if accepted + quarantined else None


def _source(name: str, files: list[dict]) -> dict[str, Any]:
    sums = {column: sum(file[column] for file in files) for column in ("rows", "accepted", *COUNTED)}
    share = _accepted(sums["accepted"], sums["quarantined"])
    return sums | {
        "source": name,
        "files": len(files),
        "accepted_share": share,
        "first_day": min((str(file["first_day"]) for file in files if file["first_day"]), default=None),
        "last_day": max((str(file["last_day"]) for file in files if file["last_day"]), default=None),
    }
