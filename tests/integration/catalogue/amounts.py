"""Amounts and types: numbers as people write them, in units and currencies that somebody must have declared."""

from decimal import Decimal

from exports import ORDERS, declare, orders

from catalogue.case import Case, with_column

LINES = {
    "order_id": "no",
    "customer_key": "member",
    "ordered_at": "at",
    "quantity": "pieces",
    "price": "price",
    "amount": "pieces * price",
}
MONTHS = [
    *(f"a{n},a,2025-03-{n:02d},{90 + n}" for n in range(1, 21)),
    *(f"b{n},a,2025-04-{n:02d},{9000 + n * 100}" for n in range(1, 21)),
]


def _paid(name, becomes, *says, paid, rows=None, at=(), top=None, column="paid", **declared):
    """The rows are numbered from 1; `rows` are the amounts read, None for one that was set aside."""
    text = orders(
        *(f'{n},a,2025-03-04,"{amount}"' for n, amount in enumerate(paid, 1)), head=f"no,member,at,{column}\n"
    )
    read = None if rows is None else tuple((str(n), Decimal(value)) for n, value in enumerate(rows, 1) if value)
    declared = [declare("o.csv", columns=ORDERS | {"amount": column}, **declared)]
    return Case("amounts", name, {"o.csv": text}, becomes, says, read, at, declared, top or {}, "order_id, amount")


def _type(name, becomes, *says, **more):
    return _paid(name, becomes, *says, **more)._replace(group="types")


def _flag(name, texts, rows, becomes="R"):
    more = with_column("ok", "suppressed", *(f"M{n},{text}" for n, text in enumerate(texts)), head="no\n")
    declared = [declare("o.csv", "customers", columns={"customer_key": "no", "suppressed": "ok"}), declare("p.csv")]
    files = more["files"] | {"p.csv": orders("1,a,2025-03-04,1")}
    return Case(
        "types", name, files, becomes, (), rows, (), declared, {}, "customer_key, suppressed", "staged customers"
    )


CASES = (
    _type("full-width digits", "R", "full_width", paid=["１２０.５"], rows=["120.50"]),
    _type("text among numbers", "Q", "not_a_number", paid=["10", "免单"], rows=["10"], at=(3,)),
    _type("NaN", "Q", "not_a_number", paid=["10", "NaN"], rows=["10"], at=(3,)),
    _type("infinity", "Q", "not_a_number", paid=["10", "inf", "-Infinity"], rows=["10"], at=(3, 4)),
    Case(
        "types",
        "NA, null and None where they are text",
        **with_column("shop", "store", "1,a,2025-03-04,1,NA", "2,a,2025-03-04,1,null", "3,a,2025-03-04,1,None"),
        becomes="K",
        shown="order_id, store",
        rows=(("1", "NA"), ("2", "null"), ("3", "None")),
    ),
    _flag("是 and 否", ["是", "否"], (("M0", True), ("M1", False))),
    _flag("Y and N", ["Y", "n"], (("M0", True), ("M1", False))),
    _flag("TRUE and FALSE", ["TRUE", "false"], (("M0", True), ("M1", False))),
    _paid("¥, ￥, 元", "R", "currency_sign", paid=["¥10", "￥ 12元", "RMB 3"], rows=["10", "12", "3"]),
    _paid("$ in a run in dollars", "R", "currency_sign", paid=["$10"], rows=["10"], top={"currency": "USD"}),
    _paid("1,234.50", "R", "thousands", paid=["1,234.50"], rows=["1234.50"]),
    _paid("1.2万 and 3亿", "R", "ten_thousands", paid=["1.2万", "3亿"], rows=["12000", "300000000"]),
    _paid(
        "万 in the header",
        "R",
        "unit",
        "flag:header_unit",
        paid=["1.2", "0.5万"],
        rows=["12000", "5000"],
        column="金额（万元）",
    ),
    _paid("分 in the header", "R", "unit", "flag:header_unit", paid=["1250"], rows=["12.50"], column="金额(分)"),
    _paid("fen, declared", "R", "unit", paid=["1250"], rows=["12.50"], units={"amount": "fen"}),
    _paid("an unknown unit", "E", "'pence' is no unit", "did you mean 'fen'", paid=["1"], units={"amount": "pence"}),
    _paid("(120)", "R", "negative_sign", paid=["(120)", "120-"], rows=["-120", "-120"]),
    _paid(
        "1.234,50", "E", "o.csv", "column 'paid' writes '1.234,50' in row 3", 'decimal: ","', paid=["10", "1.234,50"]
    ),
    _paid(
        "12,50 throughout",
        "E",
        "o.csv",
        "column 'paid' writes '12,50' in row 2",
        'decimal: ","',
        paid=["12,50", "7,20"],
    ),
    _paid(
        "1.234,50, declared",
        "R",
        "thousands",
        paid=["1.234,50", "12,5", "7"],
        rows=["1234.50", "12.50", "7"],
        decimal=",",
    ),
    _paid(
        "two currencies in one column",
        "E",
        "o.csv",
        "column 'paid' is in USD in row 3",
        "rates: {USD: ...}",
        paid=["¥10", "$10"],
    ),
    _paid(
        "two currencies, with a rate",
        "R",
        "currency_sign",
        paid=["¥10", "$10", "5"],
        rows=["10", "71.20", "5"],
        top={"rates": {"USD": 7.12}},
    ),
    _paid("rates without a currency", "E", "currency: CNY", paid=["1"], top={"rates": {"USD": 7.12}, "currency": None}),
    Case(
        "amounts",
        "a column of currencies",
        files={"o.csv": "no,member,at,paid,币种\n1,a,2025-03-04,10,CNY\n2,a,2025-03-04,10,美元\n"},
        becomes="E",
        says=("o.csv", "column '币种' is in USD in row 3"),
        declared=[declare("o.csv", currency="币种")],
    ),
    Case(
        "amounts",
        "a column of currencies, with a rate",
        files={"o.csv": "no,member,at,paid,币种\n1,a,2025-03-04,10,CNY\n2,a,2025-03-04,10,美元\n"},
        becomes="K",
        rows=(("1", Decimal(10)), ("2", Decimal("71.2"))),
        shown="order_id, amount",
        declared=[declare("o.csv", currency="币种")],
        top={"rates": {"USD": 7.12}},
    ),
    Case(
        "amounts",
        "fen for yuan from one month on",
        {"o.csv": orders(*MONTHS)},
        "F",
        ("jump",),
        whole=True,
        shown="count(*)",
        rows=((40,),),
    ),
    Case(
        "amounts",
        "a negative quantity",
        {"o.csv": "no,member,at,pieces,price\n1,a,2025-03-04,-2,5\n2,a,2025-03-04,1,5\n"},
        "K",
        shown="order_id, kind, amount",
        rows=(("1", "return", Decimal(-10)), ("2", "purchase", Decimal(5))),
        declared=[declare("o.csv", "order_lines", columns=LINES)],
        whole=True,
    ),
    Case(
        "amounts",
        "the price zero",
        {"o.csv": orders("1,a,2025-03-04,0", "2,a,2025-03-04,5")},
        "F",
        ("free",),
        whole=True,
        rows=(("1",), ("2",)),
    ),
    Case(
        "amounts",
        "a line with the price zero",
        {"o.csv": "no,member,at,pieces,price\n1,a,2025-03-04,2,5\n1,a,2025-03-04,1,0\n"},
        "F",
        ("free_lines",),
        rows=(("1",),),
        declared=[declare("o.csv", "order_lines", columns=LINES)],
        whole=True,
    ),
    Case(
        "amounts",
        "an outlier",
        {"o.csv": orders(*(f"{n},a,2025-03-04,10" for n in range(9)), "x,a,2025-03-04,10001")},
        "F",
        ("outliers",),
        whole=True,
        shown="max(amount)",
        rows=((Decimal(10001),),),
    ),
    _paid("overflow", "Q", "overflow", paid=["1", "99999999999999999999"], rows=["1"], at=(3,)),
)
