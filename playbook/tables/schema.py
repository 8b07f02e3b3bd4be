"""The standard tables: their columns, types, units and keys. Every step speaks these names and no others."""

from typing import NamedTuple


class Column(NamedTuple):
    """One column: its DuckDB type, whether it may be null, its unit in words, whether it is personal data."""

    name: str
    type: str
    required: bool = False
    unit: str = ""
    personal: bool = False


class TableSchema(NamedTuple):
    """One standard table: what a row is, its columns, and the total key that orders it when it is saved."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    open: bool = False  # whether a profile may add columns of its own

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the columns that may not be null."""
        return tuple(column.name for column in self.columns if column.required)


TEXT, MONEY, TIME, DAY = "VARCHAR", "DECIMAL(18, 2)", "TIMESTAMP", "DATE"
COUNT, REAL, FLAG, LIST = "BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR[]"

ORDER_KINDS = ("purchase", "return", "deposit", "top_up", "redemption")


def _table(name, row, key, columns, *, open=False):
    return TableSchema(name, row, tuple(key.split()), tuple(Column(*column) for column in columns), open)


_SOURCE_TABLES = (
    _table(
        "customers",
        "one customer, those who never bought included",
        "customer_id",
        [
            ("customer_id", TEXT, True),
            ("registered_on", DAY),
            ("region", TEXT),
            ("city", TEXT),
            ("gender", TEXT),
            ("birth_year", COUNT),
            ("acquisition_channel", TEXT),
            ("level", TEXT),
            ("points", COUNT),
            ("owner", TEXT),
            ("is_internal", FLAG, True),
        ],
        open=True,
    ),
    _table(
        "contacts",
        "one customer's personal data as keyed hashes, with consent; kept apart from everything published",
        "customer_id",
        [
            ("customer_id", TEXT, True),
            ("name", TEXT, False, "", True),
            ("phone", TEXT, False, "", True),
            ("email", TEXT, False, "", True),
            ("address", TEXT, False, "", True),
            ("consent", LIST),
            ("suppressed", FLAG, True),
        ],
    ),
    _table(
        "orders",
        "one purchase, return, deposit, top-up or redemption; customer_id is null where the buyer is unknown",
        "order_id",
        [
            ("order_id", TEXT, True),
            ("related_order_id", TEXT),
            ("customer_id", TEXT),
            ("ordered_at", TIME, True),
            ("kind", TEXT, True),
            ("amount", MONEY, False, "currency, net of discount; negative for returns"),
            ("discount", MONEY, False, "currency"),
            ("channel", TEXT),
            ("store", TEXT),
            ("source", TEXT, True),
        ],
    ),
    _table(
        "order_lines",
        "one line of an order",
        "order_id line",
        [
            ("order_id", TEXT, True),
            ("line", COUNT, True),
            ("product_id", TEXT),
            ("category", TEXT),
            ("quantity", "DECIMAL(18, 3)"),
            ("price", "DECIMAL(18, 6)", False, "currency per piece"),
            ("amount", MONEY, False, "currency"),
            ("cost", MONEY, False, "currency"),
        ],
    ),
    _table(
        "events",
        "one event of an app or site; visitor_id stands before login",
        "occurred_at source customer_id visitor_id session_id event item event_no",
        [
            ("event_no", COUNT, True),
            ("customer_id", TEXT),
            ("visitor_id", TEXT),
            ("occurred_at", TIME, True),
            ("event", TEXT, True),
            ("channel", TEXT),
            ("item", TEXT),
            ("category", TEXT),
            ("session_id", TEXT),
            ("cost", MONEY, False, "currency, of serving"),
            ("source", TEXT, True),
        ],
    ),
    _table(
        "feedback",
        "one answer",
        "answered_at customer_id topic score text answer_no",
        [
            ("answer_no", COUNT, True),
            ("customer_id", TEXT),
            ("answered_at", TIME, True),
            ("score", REAL, False, "the source's own scale"),
            ("topic", TEXT),
            ("text", TEXT),
        ],
    ),
    _table(
        "referrals",
        "one referral",
        "referrer_id referee_id referred_at",
        [("referrer_id", TEXT, True), ("referee_id", TEXT, True), ("referred_at", DAY, True)],
    ),
    _table(
        "contracts",
        "one period of a contract",
        "contract_id started_on",
        [
            ("contract_id", TEXT, True),
            ("customer_id", TEXT),
            ("started_on", DAY, True),
            ("ends_on", DAY),
            ("renewed", FLAG),
            ("amount", MONEY, False, "currency"),
            ("units", REAL, False, "seats or cover"),
            ("claims", COUNT),
        ],
    ),
    _table(
        "treatments",
        "one customer in one campaign",
        "campaign_id customer_id",
        [
            ("campaign_id", TEXT, True),
            ("customer_id", TEXT, True),
            ("arm", TEXT, True),
            ("treated_at", TIME, True),
            ("channel", TEXT),
            ("cost", MONEY, False, "currency"),
        ],
    ),
    _table(
        "costs",
        "one month, channel and kind of cost",
        "month channel kind",
        [
            ("month", DAY, True, "first day of the month"),
            ("channel", TEXT, True),
            ("kind", TEXT, True),
            ("amount", MONEY, True, "currency"),
        ],
    ),
    _table(
        "identities",
        "one source record and the customer it belongs to",
        "source source_key",
        [
            ("source", TEXT, True),
            ("source_key", TEXT, True),
            ("customer_id", TEXT, True),
            ("since", DAY, True, "the as-of date of the run that first saw the record"),
            ("rule", TEXT, True),
            ("weight", REAL),
        ],
    ),
    _table(
        "quarantine",
        "one rejected value",
        "source file row column value reason",
        [
            ("source", TEXT, True),
            ("file", TEXT, True),
            ("row", COUNT, True, "row of the file, the header being row 1"),
            ("column", TEXT, True),
            ("value", TEXT),
            ("reason", TEXT, True),
            ("kept", FLAG, True, "true where the row stays and only the value became null"),
        ],
    ),
    _table(
        "files",
        "one file read: rows = accepted + quarantined + repeated + later + excluded",
        "source file",
        [
            ("source", TEXT, True),
            ("file", TEXT, True),
            ("table", TEXT, True),
            ("encoding", TEXT),
            ("rows", COUNT, True),
            ("accepted", COUNT, True),
            ("quarantined", COUNT, True),
            ("repeated", COUNT, True),
            ("later", COUNT, True),
            ("excluded", COUNT, True),
            ("first_day", DAY),
            ("last_day", DAY),
            ("active", FLAG, True),
        ],
    ),
)

_STEP_TABLES = (
    _table(
        "identity_log",
        "one id that records lost to another: in a merge it goes out of use, in a split it keeps its other records",
        "as_of turn old_id new_id",
        [
            ("as_of", DAY, True, "of the run that found it"),
            ("turn", COUNT, True, "1; more where an earlier run published for that day had logged changes already"),
            ("kind", TEXT, True, "merge or split"),
            ("old_id", TEXT, True),
            ("new_id", TEXT, True),
            ("records", COUNT, True, "records that changed"),
            ("reason", TEXT, True, "the rule that ties, decision, or no_tie: what tied them no longer holds"),
        ],
    ),
    _table(
        "links",
        "one tie between two records of one customer",
        "customer_id source_a source_key_a source_b source_key_b rule",
        [
            ("customer_id", TEXT, True),
            ("source_a", TEXT, True),
            ("source_key_a", TEXT, True),
            ("source_b", TEXT, True),
            ("source_key_b", TEXT, True),
            ("rule", TEXT, True),
            ("weight", REAL, False, "log2 of the odds that the two are one; null where the rule is exact"),
            ("probability", REAL),
        ],
    ),
    _table(
        "weak_links",
        "one doubtful tie that alone holds a customer's records together, for review",
        "customer_id source_a source_key_a source_b source_key_b",
        [
            ("customer_id", TEXT, True),
            ("source_a", TEXT, True),
            ("source_key_a", TEXT, True),
            ("source_b", TEXT, True),
            ("source_key_b", TEXT, True),
            ("weight", REAL, True, "log2 of the odds that the two are one"),
            ("probability", REAL, True),
            ("half_a", LIST, True, "source:key of the records on the side of a"),
            ("half_b", LIST, True, "source:key of the records on the side of b"),
        ],
    ),
    _table(
        "decisions",
        "one record that an analyst's decision names, and the customer it belongs to",
        "place kind source source_key",
        [
            ("place", TEXT, True, "file and line"),
            ("kind", TEXT, True, "same, different, internal or not_internal"),
            ("source", TEXT, True),
            ("source_key", TEXT, True),
            ("customer_id", TEXT, True),
            ("decided_on", DAY, True),
            ("reason", TEXT, True),
        ],
    ),
    _table(
        "field_conflicts",
        "one value that a record gives for a field on which its customer's records disagree; personal values hashed",
        "customer_id field source source_key value",
        [
            ("customer_id", TEXT, True),
            ("field", TEXT, True),
            ("source", TEXT, True),
            ("source_key", TEXT, True),
            ("value", TEXT, True),
            ("rule", TEXT, True, "of survivorship: newest, oldest, most_frequent, most_trusted or longest"),
            ("survives", FLAG, True),
        ],
    ),
    _table(
        "proposed_internal",
        "one customer who buys like nobody buys for themselves: to be settled by a decision",
        "customer_id pattern",
        [
            ("customer_id", TEXT, True),
            ("pattern", TEXT, True),
            ("found", COUNT, True),
            ("threshold", COUNT, True),
            ("source", TEXT, True, "and source_key: the record to name in the decision"),
            ("source_key", TEXT, True),
            ("orders", COUNT, True),
            ("amount", MONEY, False, "currency, of all its orders"),
        ],
    ),
    _table(
        "record_orders",
        "one source record that orders came under, and what it alone would show of them",
        "source source_key",
        [
            ("source", TEXT, True),
            ("source_key", TEXT, True),
            ("customer_id", TEXT, True),
            ("orders", COUNT, True, "purchases and redemptions"),
            ("net", MONEY, True, "currency, net of returns"),
            ("first_day", DAY),
            ("last_day", DAY),
        ],
    ),
    _table(
        "fates",
        "what became of the rows of one file, and why",
        "source file fate reason",
        [
            ("source", TEXT, True),
            ("file", TEXT, True),
            ("fate", TEXT, True, "accepted, quarantined, repeated, later or excluded"),
            ("reason", TEXT, False, "a code, or the name of the rule that excluded"),
            ("rows", COUNT, True),
        ],
    ),
    _table(
        "repairs",
        "one kind of repair in one column of one file",
        "source file column repair",
        [
            ("source", TEXT, True),
            ("file", TEXT, True),
            ("column", TEXT, True, "of the standard table; * is the whole file"),
            ("repair", TEXT, True),
            ("values", COUNT, True),
        ],
    ),
    _table(
        "quality",
        "one column that one source fills in one table",
        "source table column",
        [
            ("source", TEXT, True),
            ("table", TEXT, True),
            ("column", TEXT, True),
            ("rows", COUNT, True, "accepted rows"),
            ("filled", COUNT, True, "of them with a value"),
            ("invalid", COUNT, True, "values that could not be typed, in rows kept or not"),
            ("completeness", REAL, False, "share of the accepted rows"),
            ("validity", REAL, False, "share of the values written"),
            ("uniqueness", REAL, False, "of what should identify a customer: share of the values one record alone has"),
        ],
    ),
    _table(
        "quality_checks",
        "one thing checked of one source",
        "source part check",
        [
            ("source", TEXT, True),
            ("part", TEXT, True, "a part of the score, or coverage, which is no part of it"),
            ("check", TEXT, True),
            ("checked", COUNT, True, "rows, values, orders, customers, months or days, as the check has it"),
            ("failed", COUNT, True, "of them"),
            ("money", MONEY, False, "currency, behind what failed"),
        ],
    ),
    _table(
        "quality_scores",
        "one source's score and the parts it is made of",
        "source",
        [
            ("source", TEXT, True),
            ("score", REAL, True, "0 to 100"),
            ("completeness", REAL, False, "0 to 1, as are all parts; null where nothing could be checked"),
            ("validity", REAL),
            ("uniqueness", REAL),
            ("consistency", REAL),
            ("timeliness", REAL),
            ("integrity", REAL),
        ],
    ),
    _table(
        "changes",
        "one difference between the sources of this run and of the one before",
        "source table file change name",
        [
            ("source", TEXT, True),
            ("table", TEXT, True),
            ("file", TEXT, True, "the path or glob of sources.yml"),
            ("change", TEXT, True),
            ("name", TEXT, True, "of a column, or a month as 2025-03"),
            ("before", TEXT),
            ("now", TEXT),
        ],
    ),
    _table(
        "reconciliation",
        "one source and month: gross, discounts, returns and net, beside finance; no month: the whole source",
        "source month",
        [
            ("source", TEXT, True),
            ("month", DAY),
            ("orders", COUNT, True),
            ("gross", MONEY, True, "currency, before discounts"),
            ("discounts", MONEY, True, "currency"),
            ("returns", MONEY, True, "currency, negative"),
            ("net", MONEY, True, "currency"),
            ("top_ups", MONEY, True, "currency, cash that is no revenue yet"),
            ("control_gross", MONEY, False, "currency"),
            ("control_returns", MONEY, False, "currency"),
            ("control_net", MONEY, False, "currency"),
            ("difference", MONEY, False, "currency, net less what finance booked"),
        ],
    ),
    _table(
        "purchases",
        "one purchase of a known customer who is not internal, or a return or instalment that changes its money",
        "customer_id day order_id",
        [
            ("customer_id", TEXT, True),
            ("day", DAY, True),
            ("order_id", TEXT, True),
            ("kind", TEXT, True, "purchase (counts), return, or instalment: a further payment of one balance"),
            ("amount", MONEY, True, "currency, net of discount; a deposit's is in the first balance"),
            ("channel", TEXT),
            ("is_first", FLAG, True, "the customer's first purchase"),
        ],
    ),
    _table(
        "measures",
        "one customer's measures, named by the profile",
        "customer_id",
        [("customer_id", TEXT, True)],
        open=True,
    ),
    _table(
        "rfm",
        "one customer's recency, frequency, monetary value, scores, tier and lifecycle",
        "customer_id",
        [
            ("customer_id", TEXT, True),
            ("first_ordered_on", DAY),
            ("recency_days", COUNT, False, "days from the last purchase to as_of"),
            ("frequency", COUNT, True, "purchases and redemptions in the window"),
            ("monetary", MONEY, True, "currency, net of returns in the window"),
            ("orders_ever", COUNT, False, "purchases and redemptions up to as_of"),
            ("r_score", COUNT),
            ("f_score", COUNT),
            ("m_score", COUNT),
            ("tier", TEXT, True),
            ("lifecycle", TEXT, True),
        ],
    ),
    _table(
        "rfm_history",
        "one customer at one month-end",
        "as_of customer_id",
        [
            ("as_of", DAY, True),
            ("customer_id", TEXT, True),
            ("tier", TEXT, True),
            ("lifecycle", TEXT, True),
        ],
    ),
    _table(
        "ltv",
        "one customer's past and future value",
        "customer_id",
        [
            ("customer_id", TEXT, True),
            ("p_alive", REAL),
            ("expected_orders", REAL),
            ("expected_value", MONEY),
            ("past_value", MONEY, True),
            ("future_value", MONEY),
            ("referral_value", MONEY),
            ("ltv", MONEY),
            ("ltv_low", MONEY),
            ("ltv_high", MONEY),
            ("value_tier", TEXT, True),
        ],
    ),
    _table(
        "ltv_history",
        "one customer at one month-end",
        "as_of customer_id",
        [
            ("as_of", DAY, True),
            ("customer_id", TEXT, True),
            ("future_value", MONEY, False, "currency, over the profile's horizon"),
            ("p_alive", REAL),
        ],
    ),
    _table(
        "churn",
        "one customer's risk of leaving",
        "customer_id",
        [
            ("customer_id", TEXT, True),
            ("churn_probability", REAL, False, "of leaving within the profile's horizon; null where none is given"),
            ("risk", TEXT, True, "a level of the profile, or lost, ended, never_bought, internal, unknown"),
            ("signals", LIST, True, "keys of what goes with the risk, the strongest first"),
        ],
    ),
    _table(
        "lists",
        "one customer on one list",
        "list customer_id source source_key",
        [
            ("list", TEXT, True),
            ("customer_id", TEXT, True),
            ("source", TEXT),
            ("source_key", TEXT),
            ("owner", TEXT),
            ("reason", TEXT),
            ("offer", TEXT),
            ("expected_gain", MONEY),
            ("holdout", FLAG),
            ("consent", FLAG),
            ("run_id", TEXT),
        ],
    ),
)

_STATE_TABLES = (
    _table(
        "registry",
        "one record ever seen, and its customer",
        "source source_key",
        [
            ("source", TEXT, True),
            ("source_key", TEXT, True),
            ("customer_id", TEXT, True),
            ("born_as", TEXT, True, "the customer it was first given to"),
            ("since", DAY, True, "the as-of date of the run that first saw the record"),
            ("id_since", DAY, True, "the as-of date of the run that first used the customer_id"),
        ],
    ),
)

SOURCE_TABLES = {table.name: table for table in _SOURCE_TABLES}
TABLES = SOURCE_TABLES | {table.name: table for table in _STEP_TABLES}
#: What a run keeps as tables for the runs to come.
STATE_TABLES = {table.name: table for table in _STATE_TABLES} | {"identity_log": TABLES["identity_log"]}


def schema_of(name: str) -> TableSchema:
    """The schema of a standard table; `ValueError` with the known names for any other."""
    if name not in TABLES:
        raise ValueError(f"'{name}' is not a standard table; the standard tables are {', '.join(TABLES)}.")
    return TABLES[name]
