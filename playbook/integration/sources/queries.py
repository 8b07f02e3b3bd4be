"""Whether a query of sources.yml may be put to a database: one SELECT that only reads."""

import sqlglot
from sqlglot import exp

_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.Into, exp.Lock)
_FORBIDDEN = ("pg_", "lo_", "dblink", "set_config", "load_extension", "nextval", "setval")


class QueryError(ValueError):
    """A query that is not one plain SELECT; the message says what it is."""


def check(query: str, dialect: str) -> None:
    """Refuse anything but one SELECT (with its CTEs and unions)."""
    try:
        trees = [tree for tree in sqlglot.parse(query, dialect=dialect) if tree is not None]
    except sqlglot.errors.SqlglotError as error:
        raise QueryError(f"the query does not read as SQL: {str(error).splitlines()[0]}") from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        kind = f"{len(trees)} statements" if len(trees) != 1 else trees[0].key.upper()
        raise QueryError(f"the query must be one SELECT; it is {kind}.")
    for node in trees[0].walk():
        if isinstance(node, _WRITES):
            raise QueryError(f"the query must only read; take '{node.key.upper()}' out of it.")
        if isinstance(node, exp.Func):
            name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
            if name.startswith(_FORBIDDEN):
                raise QueryError(f"the query may not call '{name}': it does more than read tables.")
