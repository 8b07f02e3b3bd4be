"""Ids, duplicates, references, adversarial values: what names a record, and what only looks like it does."""

from decimal import Decimal

from exports import ORDERS, declare, orders

from catalogue.case import PLAIN, Case, with_column

BARE = {name: column for name, column in ORDERS.items() if name != "order_id"}
PEOPLE = ORDERS | {"name": "name"}
RETURNS = declare("o.csv", columns=ORDERS | {"related_order_id": "of"})
LINES = [
    declare("o.csv"),
    declare("l.csv", "order_lines", columns={"order_id": "no", "product_id": "sku", "amount": "sum"}),
]
LOOKUP = declare(
    "l.csv",
    "order_lines",
    lookup=[{"path": "p.csv", "key": "sku"}],
    columns={"order_id": "no", "ordered_at": "at", "product_id": "sku", "category": "kind"},
)
ODD = ["=1+1", "+SUM(A1)", "@cmd", "<script>alert(1)</script>", "../../etc/passwd", "a\x07b", "a\u202eb"]


def _ids(name, becomes, *says, ids, rows=None, at=()):
    text = orders(*(f"{number},a,2025-03-04,1" for number in ids))
    return Case("ids", name, {"o.csv": text}, becomes, says, rows, at)


def _members(name, becomes, *says, keys, rows):
    text = orders(*(f"{n},{key},2025-03-04,1" for n, key in enumerate(keys, 1)))
    return Case("ids", name, {"o.csv": text}, becomes, says, rows, shown="order_id, holder", table="staged orders")


CASES = (
    _ids("leading zeros", "K", ids=["00123"], rows=(("00123",),)),
    _ids("1.38E+10", "Q", "scientific_id", ids=["1", "1.38E+10"], rows=(("1",),), at=(3,)),
    _ids(
        "16 digits that a spreadsheet has zeroed",
        "F",
        "flag:rounded_ids",
        ids=["6222021234567890", "6222021234567890000"],
        rows=(("6222021234567890",), ("6222021234567890000",)),
    )._replace(whole=True),
    _ids("123.0", "R", "decimal_id", ids=["123.0"], rows=(("123",),)),
    _ids("1e5", "K", ids=["1e5"], rows=(("1e5",),)),
    _ids("spaces, zero-width and full-width characters", "R", "spacing", ids=[" １2\u200b3 "], rows=(("123",),)),
    _members(
        "0, 99999 and 游客 in place of a customer",
        "F",
        "placeholder",
        keys=["0", "99999", "游客", "M1"],
        rows=(("1", None), ("2", None), ("3", None), ("4", "M1")),
    ),
    Case(
        "ids",
        "13800138000 in place of a phone",
        **with_column("tel", "phone", "1,a,2025-03-04,1,13800138000", "2,b,2025-03-04,1,13912345678"),
        becomes="F",
        says=("placeholder",),
        shown="order_id, phone",
        table="staged orders",
        rows=(("1", None), ("2", "13912345678")),
    ),
    Case(
        "ids",
        "one id used by two people",
        {"o.csv": orders("1,M1,2025-03-04,1,李娜", "2,M1,2025-03-04,1,王小明", head="no,member,at,paid,name\n")},
        "F",
        ("flag:shared_key",),
        (("1",), ("2",)),
        declared=[declare("o.csv", columns=PEOPLE)],
        whole=True,
    ),
    Case(
        "duplicates",
        "identical rows",
        {"o.csv": orders("a,2025-03-04,10", "a,2025-03-04,10", head="member,at,paid\n")},
        "F",
        ("flag:identical_money",),
        shown="count(*)",
        rows=((2,),),
        declared=[declare("o.csv", columns=BARE)],
        whole=True,
    ),
    Case(
        "duplicates",
        "one key with two contents",
        {"o.csv": orders("1,a,2025-03-04,10", "1,a,2025-03-04,11", "2,a,2025-03-04,1")},
        "Q",
        ("two_contents",),
        rows=(("2",),),
        at=(2, 3),
    ),
    Case(
        "duplicates",
        "one key with two contents, the newest declared",
        **with_column("changed", "store", "1,a,2025-03-04,10,2025-03-05", "1,a,2025-03-04,11,2025-03-06")
        | {"declared": [declare("o.csv", updated_at="changed")]},
        becomes="duplicate",
        says=("older_state",),
        shown="order_id, amount",
        rows=(("1", Decimal(11)),),
    ),
    Case(
        "duplicates",
        "the same file twice",
        {"o.csv": PLAIN, "p.csv": PLAIN},
        "E",
        ("p.csv has the same content as o.csv",),
    ),
    Case(
        "duplicates",
        "overlapping exports",
        {"o.csv": PLAIN, "p.csv": orders("2,b,2025-03-05,20", "3,c,2025-03-05,1")},
        "duplicate",
        ("same_record",),
        (("1",), ("2",), ("3",)),
    ),
    Case(
        "references",
        "an order without its customer",
        {"o.csv": orders("1,,2025-03-04,10", "2,b,2025-03-04,10")},
        "K",
        shown="order_id, holder",
        table="staged orders",
        rows=(("1", None), ("2", "b")),
    ),
    Case(
        "references",
        "a line without its order",
        {"o.csv": PLAIN, "l.csv": "no,sku,sum\n1,S1,10\n2,S1,20\n9,S1,1\n"},
        "Q",
        ("line_without_order",),
        (("1",), ("2",)),
        at=(4,),
        declared=LINES,
    ),
    Case(
        "references",
        "a return larger than its purchase",
        {"o.csv": orders("1,a,2025-03-04,10,", "2,a,2025-03-05,-11,1", head="no,member,at,paid,of\n")},
        "F",
        ("flag:return_larger",),
        (("1",), ("2",)),
        declared=[RETURNS],
        whole=True,
    ),
    Case(
        "references",
        "an order whose lines add up to something else",
        {"o.csv": PLAIN, "l.csv": "no,sku,sum\n1,S1,9\n2,S1,20\n"},
        "F",
        ("flag:header_differs",),
        (("1",), ("2",)),
        declared=LINES,
        whole=True,
    ),
    Case(
        "references",
        "a join that would multiply rows",
        {"l.csv": "no,at,sku\n1,2025-03-04,S1\n", "p.csv": "sku,kind\nS1,tea\nS1,cup\n"},
        "E",
        ("l.csv", "lookup p.csv", "'S1' more than once in 'sku'", "rows 2 and 3"),
        declared=[LOOKUP],
    ),
    Case(
        "adversarial",
        "formulas, HTML, paths, control and direction characters",
        **with_column("shop", "store", *(f'{n},a,2025-03-04,1,"{value}"' for n, value in enumerate(ODD, 1))),
        becomes="K",
        shown="order_id, store",
        rows=tuple((str(n), value) for n, value in enumerate(ODD, 1)),
    ),
)
