"""One file as rows of a standard table: every value typed, every problem and repair noted, no row left out.

Beside the columns of its table, a staged row carries its numbers (file_no, row_no), its hashes (same: the row as the
file has it; content: its typed values; likeness: what equal rows share), the rule that excludes it, its problems and
repairs (`column=code;...`), whether one is fatal, whether it is internal, its holder (whose record it is, null where
nobody knows), its record_key, day and updated_at.
"""

from decimal import Decimal

from playbook.integration.readers.raw_table import Raw, cell
from playbook.integration.sources import currencies, fields, units
from playbook.integration.sources.mapping import UPDATED_AT, Mapped, Mapping
from playbook.integration.sources.models import FileSpec
from playbook.integration.types.dates import DayFormat
from playbook.integration.types.expressions import Expression
from playbook.integration.types.field_type import At
from playbook.integration.types.numbers import KINDS as NUMBER_KINDS
from playbook.integration.types.numbers import scaled, with_point
from playbook.integration.types.placeholders import is_nobody, is_placeholder
from playbook.integration.types.texts import half, is_total, trimmed
from playbook.integration.types.values import in_one_word, kind
from playbook.tables.engine import identifier, quoted

_MONEY = ("money", "price")
_KEYS = ("customer_key", "referrer_key", "referee_key")
_IDENTIFYING = (
    "phone", "email", "member_card", "openid", "unionid", "credit_code", "id_number", "visitor_id"
)  # fmt: skip


class Staged:
    """The SQL that stages files of one make; `formats` says how each of their columns of days writes them."""

    def __init__(
        self,
        raws: dict[int, Raw],
        spec: FileSpec,
        mapping: Mapping,
        formats: dict[str, DayFormat],
        home: str | None = None,
        rates: dict[str, Decimal] | None = None,
    ):
        self.raws, self.spec, self.mapping = raws, spec, mapping
        self.home, self.rates = home, rates or {}
        self.columns = mapping.typed
        self.kinds = {
            c.name: kind(c.kind, is_translated=c.name in spec.values, day=formats.get(c.name)) for c in self.columns
        }

    @property
    def given(self) -> str:
        """The SQL of the files' texts: file_no, row_no, same, one text `c_<name>` for each column, and the rules."""
        texts = [f"{self._text(c)} as {_c(c.name)}" for c in self.columns]
        computed = [f"{self._worth(c, c.expression.sql)} as {_r(c.name)}" for c in self.columns if _is_computed(c)]
        rules = [
            f"{_first(self.mapping.exclude)} as excluded",
            f"{_first(self.mapping.kinds)} as declared_kind",
            f"{_holds(self.mapping.internal)} as internal",
            f"{_holds(self.mapping.anonymous)} as is_anonymous",
        ]
        if self.mapping.currency:
            rules.append(f"{currencies.named(text_of(self.mapping.currency))} as currency")
        return f"select file_no, row_no, same, {', '.join([*texts, *computed, *rules])} from ({self._rows()})"

    def _rows(self) -> str:
        cells = ", ".join(cell(number) for number in sorted(self.mapping.cells))
        return " union all ".join(
            f"select {file_no} as file_no, {raw.row} as row_no, same, {cells} from {raw.table}"
            for file_no, raw in self.raws.items()
        )

    @property
    def sql(self) -> str:
        """The SQL of the staged rows."""
        halved = [f"{self._halved(c)} as {_w(c.name)}" for c in self.columns]
        prepared = [f"{self._prepared(c)} as {_h(c.name)}" for c in self.columns]
        read = [f"{self._read(c)} as {_r(c.name)}" for c in self.columns if not _is_computed(c)]
        typed = [f"{self.kinds[c.name].value(_at(c))} as {_t(c.name)}" for c in self.columns]
        return (
            f"with given as ({self.given}),\n"
            f"halved as (select *, {', '.join(halved)} from given),\n"
            f"prepared as (select *, {', '.join(prepared)} from halved),\n"
            f"read as (select *, {', '.join(read) or 'null as nothing'} from prepared),\n"
            f"typed as (select *, {', '.join(typed)} from read),\n"
            f"judged as (select *, {self._judged()} from typed),\n"
            f"settled as ({self._settled()})\n"
            f"select {self._described()} from settled"
        )

    def _text(self, column: Mapped) -> str:
        text = text_of(column.expression)
        is_number = column.kind in NUMBER_KINDS and not _is_computed(column)
        return with_point(text, self.spec.decimal) if is_number and self.spec.decimal else text

    def _worth(self, column: Mapped, number: str) -> str:
        """A number in the unit and the currency of the run."""
        plain = not _is_computed(column)
        if column.kind in NUMBER_KINDS and (unit := unit_of(self.spec, column)):
            says_itself = f"regexp_matches({_h(column.name)}, '[万亿]')" if plain else "false"
            number = scaled(number, f"case when {says_itself} then 1 else {units.FACTORS[unit]} end")
        if column.kind in _MONEY and self.rates:
            return scaled(number, currencies.rate(self._currency(column), self.home, self.rates))
        return number

    def _currency(self, column: Mapped) -> str:
        """The currency of a row: that of its own column, else the sign that the amount carries."""
        if self.mapping.currency:
            return currencies.named(text_of(self.mapping.currency)) if _is_computed(column) else "currency"
        return "null" if _is_computed(column) else currencies.written(_c(column.name), self.home)

    def _halved(self, column: Mapped) -> str:
        c, values = _c(column.name), self.spec.values.get(column.name, {})
        whens = " ".join(f"when {quoted(found)} then {quoted(meant)}" for found, meant in values.items())
        text = in_one_word(column.kind, c if _is_computed(column) else half(c))
        return f"case {trimmed(c)} {whens} else {text} end" if values else text

    def _read(self, column: Mapped) -> str:
        return self._worth(column, self.kinds[column.name].read(_at(column)))

    def _prepared(self, column: Mapped) -> str:
        return (
            f"nullif({_c(column.name)}, '')" if _is_computed(column) else self.kinds[column.name].prepare(_at(column))
        )

    def _judged(self) -> str:
        problems = ", ".join(self._problem(column) for column in self.columns)
        repairs = ", ".join(self._repair(column) for column in self.columns)
        fatal = " or ".join(f"({self._bad(c)})" for c in self.columns if c.is_required) or "false"
        return f"concat_ws(';', {problems}) as problem, concat_ws(';', {repairs}) as repair, ({fatal}) as is_fatal"

    def _bad(self, column: Mapped) -> str:
        if column.name in _KEYS and column.is_required:
            nobody = f"{_t(column.name)} is null or {is_nobody(_t(column.name))}"
            return f"{nobody} or {is_total(_w(column.name))}"
        if _may_sum_up(self.spec, column):
            return f"{_t(column.name)} is null or {is_total(_w(column.name))}"
        empty_is_fine = "" if column.is_required else f" and {_h(column.name)} is not null"
        return f"{_t(column.name)} is null{empty_is_fine}"

    def _problem(self, column: Mapped) -> str:
        at = _at(column)
        reason = (
            f"case {self._total(column)} when {at.h} is null then 'missing'"
            f" when {_t(column.name)} is not null then 'placeholder_key' else {self.kinds[column.name].reason(at)} end"
        )
        return f"case when {self._bad(column)} then {quoted(column.name + '=')} || {reason} end"

    def _total(self, column: Mapped) -> str:
        return f"when {is_total(_w(column.name))} then 'total_row'" if column.is_required else ""

    def _repair(self, column: Mapped) -> str:
        at, typed = _at(column), _t(column.name)
        done = "null" if _is_computed(column) else self.kinds[column.name].repair(at)
        if column.kind in NUMBER_KINDS and unit_of(self.spec, column):
            done = f"coalesce({done}, 'unit')"
        placeholder = f"when {is_placeholder(column.name, typed)} then 'placeholder'" if _links(column) else ""
        if column.name == "customer_key":
            placeholder = f"when {is_nobody(typed)} and not is_anonymous then 'placeholder'"
        null_word = f"when {at.h} is null and {at.w} <> '' then 'null_word'"
        return (
            f"{quoted(column.name + '=')} || (case {placeholder} when {typed} is not null then {done} {null_word} end)"
        )

    def _settled(self) -> str:
        values = [f"{self._value(column)} as {identifier(column.name)}" for column in self.mapping.columns]
        if self.spec.carries_orders or self.spec.table == "orders":
            values = [value for value in values if not value.endswith('as "kind"')] + [
                f'{self._order_kind()} as "kind"'
            ]
        updated = _t(UPDATED_AT) if self.mapping.updated_at else "cast(null as timestamp)"
        plain = "file_no, row_no, same, excluded, problem, repair, is_fatal, internal, is_anonymous"
        return f"select {plain}, {updated} as updated_at, {', '.join(values)} from judged"

    def _value(self, column: Mapped) -> str:
        typed = _t(column.name)
        return f"case when not {is_placeholder(column.name, typed)} then {typed} end" if _links(column) else typed

    def _order_kind(self) -> str:
        """Declared, mapped, or by the sign of the amount; of a line only what is declared, as its order decides."""
        mapped = _t("kind") if self.mapping.column("kind") else "null"
        if self.spec.table == "order_lines":
            return f"coalesce(declared_kind, {mapped})"
        is_return = f"{_t('amount')} < 0" if self.mapping.column("amount") else "false"
        return f"coalesce(declared_kind, {mapped}, case when {is_return} then 'return' else 'purchase' end)"

    def _described(self) -> str:
        table, mapped = self.spec.table, {column.name for column in self.mapping.columns}
        names = [name for name in self.spec.fields if name in mapped or (name == "kind" and _has_kind(self.spec))]
        content = f"hash({', '.join([*map(identifier, names), 'internal', 'is_anonymous'])})"
        day = fields.DAY_OF[table]
        return ", ".join(
            [
                "file_no, row_no, same, excluded, problem, repair, is_fatal, internal, updated_at",
                f"{_holder(mapped)} as holder",
                f"{_record_key(table, mapped)} as record_key",
                f"{content} as content",
                f"{_likeness(table, mapped, content)} as likeness",
                f"{f'cast({day} as date)' if day in mapped else 'cast(null as date)'} as day",
                *(identifier(name) for name in names),
            ]
        )


def text_of(expression: Expression) -> str:
    """The SQL of what the file has where an expression reads."""
    if expression.kind == "number":
        return f"concat_ws(' · ', {', '.join(map(cell, expression.columns))})"
    return f"cast({expression.sql} as varchar)"


def unit_of(spec: FileSpec, column: Mapped) -> str | None:
    """The unit a column counts in: the declared one, else the one its name says."""
    named = units.of_name(column.kind, column.expression.label) if column.expression.is_column else None
    return spec.units.get(column.name, named)


def _may_sum_up(spec: FileSpec, column: Mapped) -> bool:
    """Whether a required column may say 'total' and be read none the less."""
    return column.is_required and (column.kind == "id" or (column.kind == "text" and spec.table == "costs"))


def _has_kind(spec: FileSpec) -> bool:
    return spec.table == "orders" or spec.carries_orders


def _links(column: Mapped) -> bool:
    return column.name in _IDENTIFYING


def _is_computed(column: Mapped) -> bool:
    return column.expression.kind == "number" and column.kind in NUMBER_KINDS


def _first(rules: dict[str, Expression]) -> str:
    whens = " ".join(f"when {rule.sql} then {quoted(name)}" for name, rule in rules.items())
    return f"case {whens} end" if rules else "cast(null as varchar)"


def _holds(rule: Expression | None) -> str:
    return rule.sql if rule else "false"


def _holder(mapped: set[str]) -> str:
    """Whose record a row is: the source's own key, else the strongest identifier it carries."""
    known = f"when not {is_nobody('customer_key')} then customer_key" if "customer_key" in mapped else ""
    strong = [
        f"when {name} is not null then '{name}:' || {name}"
        for name in ("member_card", "openid", "unionid", "credit_code", "email")
        if name in mapped
    ]
    named = "coalesce(name, '')" if "name" in mapped else "''"
    phone = [f"when phone is not null then 'phone:' || phone || '|' || {named}"] if "phone" in mapped else []
    return f"case when is_anonymous then null {known} {' '.join([*strong, *phone])} else cast(null as varchar) end"


def _record_key(table: str, mapped: set[str]) -> str:
    key = fields.KEY_OF.get(table, ())
    if not key or not set(key) <= mapped:
        return "cast(null as varchar)"
    return " || '|' || ".join(f"cast({identifier(name)} as varchar)" for name in key)


def _likeness(table: str, mapped: set[str], content: str) -> str:
    """What two orders without a number must share to be two of the same: customer, time and amount."""
    if table != "orders" or "order_id" in mapped:
        return content
    return f"hash({_holder(mapped)}, ordered_at{', amount' if 'amount' in mapped else ''})"


def _at(column: Mapped) -> At:
    return At(_c(column.name), _w(column.name), _h(column.name), _r(column.name))


def _c(name: str) -> str:
    return identifier(f"c_{name}")


def _w(name: str) -> str:
    return identifier(f"w_{name}")


def _h(name: str) -> str:
    return identifier(f"h_{name}")


def _r(name: str) -> str:
    return identifier(f"r_{name}")


def _t(name: str) -> str:
    return identifier(f"t_{name}")
