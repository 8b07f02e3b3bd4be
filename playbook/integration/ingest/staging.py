"""One file as rows of a standard table: every value typed, every problem and repair noted, no row left out.

Beside the columns of its table, a staged row carries its numbers (file_no, row_no), its hashes (same: the row as the
file has it; content: its typed values; duplicate_key: what equal rows share), the rule that excludes it, its problems
and repairs (`column=code;...`), whether one is fatal, whether it is internal, its holder (whose record it is, null
where nobody knows), its record_key, day and updated_at.
"""

from decimal import Decimal

from playbook.integration.readers.raw_table import Raw, cell
from playbook.integration.sources import currencies, fields, units
from playbook.integration.sources.mapping import UPDATED_AT, Mapped, Mapping
from playbook.integration.sources.models import FileSpec
from playbook.integration.types.expressions import Expression
from playbook.integration.types.field_types import NUMBER_TYPES, DayFormat, field_type, placeholder
from playbook.tables.engine import identifier, quoted

#: The kinds of value that are money, and have a currency.
MONEY = ("money", "price")
_KEYS = ("customer_key", "referrer_key", "referee_key")
_IDENTIFYING = (
    "phone", "email", "member_card", "openid", "unionid", "credit_code", "id_number", "visitor_id"
)  # fmt: skip
_STRONG = ("member_card", "openid", "unionid", "credit_code", "email")
_STEPS = ("raw", "stripped", "prepared", "parsed", "typed", "is_nobody", "is_bad")


def staged_sql(
    raws: dict[int, Raw],
    spec: FileSpec,
    mapping: Mapping,
    formats: dict[str, DayFormat],
    home: str | None = None,
    rates: dict[str, Decimal] | None = None,
) -> str:
    """The SQL of the staged rows of files of one make, by number; `formats` says how each column of days writes them,
    `home` and `rates` in which currency the run is, and what others are worth in it."""
    columns = [_Column(c, spec, formats.get(c.name)) for c in mapping.typed]
    steps = {
        "raw": _rows_of_files(raws, spec, mapping, columns, home, rates),
        "stripped": _adding("raw", {c.stripped: c.stripped_sql(spec) for c in columns}),
        "prepared": _adding(
            "stripped", {c.prepared: f"nullif({c.raw}, '')" if c.is_computed else c.sql("prepared") for c in columns}
        ),
        "parsed": _adding(
            "prepared",
            {c.parsed: c.in_run_units(c.sql("parsed"), mapping, home, rates) for c in columns if not c.is_computed},
        ),
        "typed": _adding("parsed", {c.typed: c.sql("typed") for c in columns}),
        "named": _adding("typed", {c.is_nobody: c.is_nobody_sql() for c in columns if c.names_somebody}),
        "checked": _adding("named", {c.is_bad: c.is_bad_sql() for c in columns}),
        "judged": _adding(
            "checked",
            {
                "problem": f"concat_ws(';', {', '.join(c.problem() for c in columns)})",
                "repair": f"concat_ws(';', {', '.join(c.repair() for c in columns)})",
                "is_fatal": " or ".join(c.is_bad for c in columns if c.is_required) or "false",
            },
        ),
        "settled": _settled(spec, mapping, columns),
    }
    named = ",\n".join(f"{name} as ({sql})" for name, sql in steps.items())
    return f"with {named}\nselect {_described(spec, mapping)} from settled"


def text_of(expression: Expression) -> str:
    """The SQL of what the file has where an expression reads."""
    if expression.kind == "number":
        return f"concat_ws(' · ', {', '.join(map(cell, expression.columns))})"
    return f"cast({expression.sql} as varchar)"


def unit_of(spec: FileSpec, column: Mapped) -> str | None:
    """The unit a column counts in: the declared one, else the one its name says."""
    named = units.of_name(column.kind, column.expression.label) if column.expression.is_column else None
    return spec.units.get(column.name, named)


class _Column:
    """One mapped column on its way from text to value: the names of its steps, and the SQL of each."""

    def __init__(self, column: Mapped, spec: FileSpec, day: DayFormat | None):
        self.name, self.kind, self.expression, self.is_required = column
        self.names = {step: identifier(f"{step}_{column.name}") for step in _STEPS}
        self.raw, self.stripped, self.prepared, self.parsed, self.typed, self.is_nobody, self.is_bad = (
            self.names.values()
        )
        self.type = field_type(column.kind, is_translated=column.name in spec.values, day=day)
        self.names_somebody = column.name in (*_KEYS, *_IDENTIFYING)
        self.is_number = column.kind in NUMBER_TYPES
        self.is_computed = self.is_number and column.expression.kind == "number"
        self.unit = unit_of(spec, column) if self.is_number else None
        self.may_be_total = column.is_required and (
            column.kind == "id" or (column.kind == "text" and spec.table == "costs")
        )

    def sql(self, step: str) -> str:
        """The SQL of a step as the field type has it."""
        return getattr(self.type, step).format(**self.names)

    def raw_sql(self, spec: FileSpec) -> str:
        """The text as the file has it, with a decimal point."""
        text = text_of(self.expression)
        has_comma = self.is_number and not self.is_computed and spec.decimal == ","
        return f"with_point({text})" if has_comma else text

    def stripped_sql(self, spec: FileSpec) -> str:
        """The text in half width, or what it means where the mapping says so."""
        text = self.raw if self.is_computed else f"half_width({self.raw})"
        text = f"gender({text})" if self.kind == "gender" else text
        values = spec.values.get(self.name, {})
        whens = " ".join(f"when {quoted(text)} then {quoted(meaning)}" for text, meaning in values.items())
        return f"case trimmed({self.raw}) {whens} else {text} end" if values else text

    def in_run_units(self, number: str, mapping: Mapping, home: str | None, rates: dict[str, Decimal] | None) -> str:
        """A number in the unit and the currency of the run: that of its row, else the sign that the amount carries."""
        if self.unit:
            is_said = "false" if self.is_computed else f"regexp_matches({self.prepared}, '[万亿]')"
            number = f"scaled({number}, case when {is_said} then 1 else {units.FACTORS[self.unit]} end)"
        if self.kind not in MONEY or not rates:
            return number
        if mapping.currency:
            currency = currencies.named(text_of(mapping.currency)) if self.is_computed else "currency"
        else:
            currency = "null" if self.is_computed else currencies.written(self.raw, home)
        return f"scaled({number}, {currencies.rate(currency, home, rates)})"

    def is_nobody_sql(self) -> str:
        """Whether an identifier was typed only because something had to be: a key for nobody, a placeholder."""
        return f"is_nobody({self.typed})" if self.name in _KEYS else placeholder(self.name, self.typed)

    def is_bad_sql(self) -> str:
        """Whether there is no value where one is needed, or written."""
        if self.name in _KEYS and self.is_required:
            return f"{self.typed} is null or {self.is_nobody} or is_total({self.stripped})"
        if self.may_be_total:
            return f"{self.typed} is null or is_total({self.stripped})"
        return f"{self.typed} is null" + ("" if self.is_required else f" and {self.prepared} is not null")

    def problem(self) -> str:
        """`column=code` where the value is bad."""
        total = f"when is_total({self.stripped}) then 'total_row'" if self.is_required else ""
        code = (
            f"case {total} when {self.prepared} is null then 'missing'"
            f" when {self.typed} is not null then 'placeholder_key' else {self.sql('reason')} end"
        )
        return f"case when {self.is_bad} then {quoted(self.name + '=')} || {code} end"

    def repair(self) -> str:
        """`column=code` where something had to be done to get the value, or it is none after all."""
        code = "null" if self.is_computed else self.sql("repair")
        code = f"coalesce({code}, 'unit')" if self.unit else code
        nobody = f"when {self.is_nobody} then 'placeholder'" if self.name in _IDENTIFYING else ""
        if self.name == "customer_key":
            nobody = f"when {self.is_nobody} and not is_anonymous then 'placeholder'"
        null_word = f"when {self.prepared} is null and {self.stripped} <> '' then 'null_word'"
        return f"{quoted(self.name + '=')} || (case {nobody} when {self.typed} is not null then {code} {null_word} end)"

    def value(self) -> str:
        """The value; null where it was typed only because something had to be."""
        if self.name not in _IDENTIFYING:
            return self.typed
        return f"case when not {self.is_nobody} then {self.typed} end"


def _adding(source: str, columns: dict[str, str]) -> str:
    added = "".join(f", {sql} as {name}" for name, sql in columns.items())
    return f"select *{added} from {source}"


def _rows_of_files(raws, spec: FileSpec, mapping: Mapping, columns: list[_Column], home, rates) -> str:
    """The SQL of the files' texts: file_no, row_no, same, one text for each column, and the rules."""
    cells = ", ".join(cell(number) for number in sorted(mapping.cells))
    rows = " union all ".join(
        f"select {file_no} as file_no, {raw.row} as row_no, same, {cells} from {raw.table}"
        for file_no, raw in raws.items()
    )
    values = {c.raw: c.raw_sql(spec) for c in columns}
    values |= {c.parsed: c.in_run_units(c.expression.sql, mapping, home, rates) for c in columns if c.is_computed}
    values |= {
        "excluded": _first_rule(mapping.exclude),
        "declared_kind": _first_rule(mapping.kinds),
        "internal": mapping.internal.sql if mapping.internal else "false",
        "is_anonymous": mapping.anonymous.sql if mapping.anonymous else "false",
    }
    if mapping.currency:
        values["currency"] = currencies.named(text_of(mapping.currency))
    named = ", ".join(f"{sql} as {name}" for name, sql in values.items())
    return f"select file_no, row_no, same, {named} from ({rows})"


def _first_rule(rules: dict[str, Expression]) -> str:
    whens = " ".join(f"when {rule.sql} then {quoted(name)}" for name, rule in rules.items())
    return f"case {whens} end" if rules else "cast(null as varchar)"


def _settled(spec: FileSpec, mapping: Mapping, columns: list[_Column]) -> str:
    values = {c.name: c.value() for c in columns if c.name != UPDATED_AT}
    if _has_kind(spec):
        # Declared, mapped, or by the sign of the amount; of a line only what is declared, as its order decides.
        typed = {c.name: c.typed for c in columns}
        is_return = f"{typed['amount']} < 0" if "amount" in typed else "false"
        by_sign = "null" if spec.table == "order_lines" else f"case when {is_return} then 'return' else 'purchase' end"
        values["kind"] = f"coalesce(declared_kind, {typed.get('kind', 'null')}, {by_sign})"
    named = ", ".join(f"{sql} as {identifier(name)}" for name, sql in values.items())
    updated = next((c.typed for c in columns if c.name == UPDATED_AT), "cast(null as timestamp)")
    plain = "file_no, row_no, same, excluded, problem, repair, is_fatal, internal, is_anonymous"
    plain += ", is_nobody_customer_key" if "customer_key" in values else ""
    return f"select {plain}, {updated} as updated_at, {named} from judged"


def _has_kind(spec: FileSpec) -> bool:
    return spec.table == "orders" or spec.carries_orders


def _described(spec: FileSpec, mapping: Mapping) -> str:
    table, mapped = spec.table, {column.name for column in mapping.columns}
    names = [name for name in spec.fields if name in mapped or (name == "kind" and _has_kind(spec))]
    content = f"hash({', '.join([*map(identifier, names), 'internal', 'is_anonymous'])})"
    holder, key, day = _holder(mapped), fields.KEY_OF.get(table, ()), fields.DAY_OF[table]
    duplicate_key = content
    if table == "orders" and "order_id" not in mapped:  # customer, time and amount make two of them the same order
        duplicate_key = f"hash({holder}, ordered_at{', amount' if 'amount' in mapped else ''})"
    record_key = " || '|' || ".join(f"cast({identifier(name)} as varchar)" for name in key)
    columns = {
        "holder": holder,
        "record_key": record_key if key and set(key) <= mapped else "cast(null as varchar)",
        "content": content,
        "duplicate_key": duplicate_key,
        "day": f"cast({day if day in mapped else 'null'} as date)",
    }
    named = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    own = ", ".join(map(identifier, names))
    return f"file_no, row_no, same, excluded, problem, repair, is_fatal, internal, updated_at, {named}, {own}"


def _holder(mapped: set[str]) -> str:
    """Whose record a row is: the source's own key, else the strongest identifier it carries."""
    key = "when not is_nobody_customer_key then customer_key" if "customer_key" in mapped else ""
    strong = " ".join(f"when {name} is not null then '{name}:' || {name}" for name in _STRONG if name in mapped)
    person = "coalesce(name, '')" if "name" in mapped else "''"
    phone = f"when phone is not null then 'phone:' || phone || '|' || {person}" if "phone" in mapped else ""
    return f"case when is_anonymous then null {key} {strong} {phone} else cast(null as varchar) end"
