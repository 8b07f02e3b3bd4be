"""What leaves a notebook: takeaways, flags, tables, figures and checks, as data beside what the analyst sees."""

import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any, NamedTuple

from playbook.report.text import LANGUAGES, Words, words
from playbook.report.text.formats import is_missing
from playbook.report.text.sheet import Sheet, sheet

#: The type under which the data lies in a notebook's outputs; the report is rendered from it alone.
MIME = "application/vnd.playbook+json"

#: A table in a report is read by people. A longer one belongs in `run.save`.
MOST_ROWS = 100


class Shown(NamedTuple):
    """One output: its data, what a console prints, what a notebook shows, and the pictures of both languages."""

    payload: dict
    text: str
    html: str = ""
    png: str = ""
    pictures: dict[str, dict] | None = None


class Outputs:
    """Says things in a notebook. The values stay raw, so that the report can say them in every language.

    `sink`, where given, receives each payload. `currency` is asked when something is said: a run learns the currency
    of its data only after reading it.
    """

    def __init__(
        self,
        profile: Any,
        sink: Callable[[dict], None] | None = None,
        currency: Callable[[], str] | None = None,
    ):
        self.profile, self.sink, self.currency = profile, sink, currency

    def takeaway(
        self,
        key: str,
        n: int | None = None,
        quality: float | None = None,
        agrees: bool | None = None,
        detail: bool = False,
        of: str = "customer",
        **values: Any,
    ) -> None:
        """A finding. `n` is how many it rests on, `of` what they are (`noun.<of>` is a text), `quality` the share (0 to
        1) of their sources' rows that was usable, `agrees` whether a second method says the same; the sentence may
        speak of them as {n} and {quality}. A `detail` stays in its chapter, out of the summary."""
        evidence = {"n": _json(n), "of": of, "quality": _json(quality), "agrees": agrees, "detail": detail}
        payload = _said("takeaway", key, {"n": n, "quality": quality} | values) | evidence
        self._say(payload, "<p><strong>{}</strong></p>")

    def flag(self, key: str, **values: Any) -> None:
        """A warning."""
        self._say(_said("flag", key, values), "<p>&#9888; {}</p>")

    def table(self, key: str, frame: Any, formats: dict[str, str | list[str]] | None = None) -> None:
        """A data frame of at most 100 rows under the title `table.<key>`; `formats` gives the format of a column, or a
        list with one for each row."""
        if len(frame) > MOST_ROWS:
            raise ValueError(
                f"the table '{key}' has {len(frame):,} rows; a report shows at most {MOST_ROWS}. Sum it up first."
            )
        payload = _tabled(key, frame, formats or {})
        english, _ = (sheet(texts, payload) for texts in self._words().values())
        self._emit(Shown(payload, _text(english), _html(english)))

    def figure(self, key: str, draw: Callable, *data: Any, **options: Any) -> None:
        """A figure: `draw(*data, words=..., **options)` makes one for each language, in the style of `charts`."""
        from playbook.report import charts

        drawn = {name: charts.drawn(draw, *data, words=texts, **options) for name, texts in self._words().items()}
        pictures = {name: charts.picture(figure) for name, figure in drawn.items()}
        shown = Shown({"kind": "figure", "key": key}, pictures["en"]["title"], pictures=pictures)
        self._emit(shown._replace(png=charts.png(drawn["en"])))

    def check(self, name: str, ok: bool, detail: str = "") -> None:
        """An invariant that was looked at."""
        payload = {"kind": "check", "key": name, "ok": bool(ok), "detail": detail}
        self._emit(Shown(payload, f"{'ok' if ok else 'FAILED'}: {name}{f' ({detail})' if detail else ''}"))

    def _words(self) -> dict[str, Words]:
        currency = self.currency() if self.currency else None
        return {language: words(language, self.profile, currency) for language in LANGUAGES}

    def _say(self, payload: dict, html: str) -> None:
        """Both languages are written at once: a text that one of them lacks is found here, not in the report."""
        english, _ = (texts(payload["key"], **payload["values"]) for texts in self._words().values())
        self._emit(Shown(payload, english, html.format(escape(english))))

    def _emit(self, shown: Shown) -> None:
        if self.sink:
            self.sink(shown.payload)
        if _in_a_notebook():
            _display(shown)
        else:
            print(shown.text)


def _said(kind: str, key: str, values: dict) -> dict:
    return {"kind": kind, "key": key, "values": {name: _json(value) for name, value in values.items()}}


def _tabled(key: str, frame: Any, formats: dict[str, str | list[str]]) -> dict:
    columns = [str(name) for name in frame.columns]
    if unknown := sorted(formats.keys() - set(columns)):
        raise ValueError(f"the table '{key}' has no column(s) {unknown} to format; it has {columns}.")
    raw = [frame[name].tolist() for name in frame.columns]
    return {
        "kind": "table",
        "key": key,
        "columns": columns,
        "formats": {name: formats.get(name) or _format_of(values) for name, values in zip(columns, raw, strict=True)},
        "rows": [[_json(value) for value in row] for row in zip(*raw, strict=True)],
    }


def _format_of(values: list) -> str:
    value = next((value for value in values if not is_missing(value)), "")
    formats_by_type = {bool: "flag", int: "int", float | Decimal: "num2", date: "date"}
    return next((spec for kind, spec in formats_by_type.items() if isinstance(value, kind)), "text")


def _json(value: Any) -> Any:
    """A value as JSON has it: dates as ISO text, decimals and numpy's numbers as numbers, nothing as null."""
    value = value.item() if hasattr(value, "item") else value
    if is_missing(value):
        return None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()[:10]
    return value if isinstance(value, bool | int | float) else str(value)


def _text(english: Sheet) -> str:
    return "\n".join([english.title, *("\t".join(row) for row in (english.headings, *english.rows))])


def _html(english: Sheet) -> str:
    rows = "".join(f"<tr>{''.join(_cells('td', row, english.numeric))}</tr>" for row in english.rows)
    head = "".join(_cells("th", english.headings, english.numeric))
    note = f"<p><small>{escape(english.note)}</small></p>" if english.note else ""
    return f"<table><caption>{escape(english.title)}</caption><tr>{head}</tr>{rows}</table>{note}"


def _cells(tag: str, texts: list[str], numeric: list[bool]) -> Iterator[str]:
    for text, right in zip(texts, numeric, strict=True):
        yield f'<{tag} style="text-align: {"right" if right else "left"}">{escape(text)}</{tag}>'


def _in_a_notebook() -> bool:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return bool(shell) and hasattr(shell, "kernel")


def _display(shown: Shown) -> None:
    from IPython.display import display

    seen = {"text/plain": shown.text, "text/html": shown.html, "image/png": shown.png}
    bundle = {MIME: shown.payload} | {mime: content for mime, content in seen.items() if content}
    # Pictures go into the metadata, which nbval does not compare: they differ between versions of matplotlib.
    display(bundle, raw=True, metadata={MIME: {"pictures": shown.pictures}} if shown.pictures else None)
