"""Spreadsheets: what a workbook holds beside values that anybody typed."""

import io
import zipfile
from datetime import datetime

from exports import ORDERS, declare

from catalogue.case import PLAIN, Case

HEAD = ["no", "member", "at", "paid"]
FIRST = ["1", "a", datetime(2025, 3, 4), 10]
TWO = (("1",), ("2",))


def workbook(*rows, change=None, names=("Sheet",)) -> bytes:
    """A workbook of these rows; `change` may do to it what a hand in a spreadsheet does."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = names[0]
    for name in names[1:]:
        book.create_sheet(name)
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _case(name, content, becomes, *says, rows=TWO, at=(), file="o.xlsx", shown="order_id", **declared):
    declared = [declare(file, **{"columns": ORDERS} | declared)]
    return Case(
        "spreadsheets",
        name,
        {file: content},
        becomes,
        says,
        None if becomes == "E" else rows,
        at,
        declared,
        shown=shown,
    )


def _hide_row(book):
    book.active.row_dimensions[3].hidden = True


def _merge(*cells):
    return lambda book: [book.active.merge_cells(each) for each in cells]


def _hide_sheet(book):
    book["Old"].sheet_state = "hidden"


def _count_from_1904(book):
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book.epoch = CALENDAR_MAC_1904


def _with_macros(content: bytes) -> bytes:
    whole = io.BytesIO(content)
    with zipfile.ZipFile(whole, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    return whole.getvalue()


def _bomb() -> bytes:
    whole = io.BytesIO(workbook(HEAD, FIRST))
    with zipfile.ZipFile(whole, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("xl/media/big.bin", bytes(200 << 20))
    return whole.getvalue()


def _zip_bomb() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("o.csv", bytes(200 << 20))
    return whole.getvalue()


def _encrypted_zip() -> bytes:
    """A .zip whose file says that it is encrypted."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("o.csv", PLAIN)
    content = bytearray(whole.getvalue())
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(sign) + at] |= 1
    return bytes(content)


ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
SECOND = ["2", "b", datetime(2025, 3, 5), 20]

CASES = (
    _case(
        "days as Excel counts them from 1900",
        workbook(HEAD, FIRST, ["2", "b", 45721, "20"]),
        "R",
        "serial_date",
        shown="order_id, day::varchar",
        rows=(("1", "2025-03-04"), ("2", "2025-03-05")),
    ),
    _case(
        "days as Excel counts them from 1904",
        workbook(HEAD, FIRST, ["2", "b", 44259, "20"], change=_count_from_1904),
        "R",
        "serial_date",
        shown="order_id, day::varchar",
        rows=(("1", "2025-03-04"), ("2", "2025-03-05")),
    ),
    _case(
        "#N/A",
        workbook(
            HEAD,
            FIRST,
            SECOND,
            ["3", "c", datetime(2025, 3, 5), "#N/A"],
            ["#N/A", "c", datetime(2025, 3, 5), 1],
            ["5", "c", "#REF!", 1],
        ),
        "Q",
        "spreadsheet_error",
        at=(4, 5, 6),
    ),
    _case(
        "a formula that was never computed",
        workbook(HEAD, FIRST, SECOND, ["3", "c", datetime(2025, 3, 5), "=D2*2"]),
        "Q",
        "formula",
        at=(4,),
    ),
    _case("a formula in a column nobody reads", workbook([*HEAD, "x"], [*FIRST, "=D2*2"], [*SECOND, 1]), "K"),
    _case("hidden rows", workbook(HEAD, FIRST, SECOND, change=_hide_row), "F", "hidden_rows"),
    _case(
        "hidden sheets",
        workbook(HEAD, FIRST, SECOND, names=("March", "Old"), change=_hide_sheet),
        "F",
        "hidden_sheets",
        sheet="March",
    ),
    _case("several sheets", workbook(HEAD, FIRST, names=("March", "April")), "E", "o.xlsx", "sheet: March"),
    _case("a sheet that is not there", workbook(HEAD, FIRST), "E", "o.xlsx", "no sheet 'May'", sheet="May"),
    _case("titles above the header, declared", workbook(["Orders of March"], [], HEAD, FIRST, SECOND), "R", header=3),
    _case(
        "titles above the header",
        workbook(["2025年3月订单"], [], HEAD, FIRST, SECOND),
        "E",
        "o.xlsx",
        "Row 3 looks like the header: declare header: 3",
    ),
    _case("no header", workbook(FIRST, SECOND), "E", "o.xlsx", "first row looks like data", "header: 0"),
    _case(
        "a customer and a day merged over the rows they stand for",
        workbook(HEAD, FIRST, ["2", None, None, 20], ["3", "b", FIRST[2], 30], change=_merge("B2:B3", "C2:C3")),
        "F",
        "merged_cells",
        shown="order_id, customer_key, day::varchar",
        rows=(("1", "a", "2025-03-04"), ("2", "a", "2025-03-04"), ("3", "b", "2025-03-04")),
    ),
    _case(
        "an amount merged over several rows",
        workbook(HEAD, FIRST, ["3", "b", FIRST[2]], SECOND, change=_merge("D2:D3")),
        "Q",
        "missing",
        "merged_numbers",
        at=(3,),
    ),
    _case(
        "the last name of a merged header",
        workbook(["订单", None, "交易"], HEAD, FIRST, SECOND, change=_merge("A1:B1", "C1:D1")),
        "R",
        header=[1, 2],
        columns={"order_id": "订单 no", "customer_key": "订单 member", "ordered_at": "交易 at", "amount": "交易 paid"},
    ),
    _case(
        "a merged header of two rows",
        workbook(["Order", None, None, "Paid"], [*HEAD[:3], "in all"], FIRST, SECOND),
        "R",
        header=[1, 2],
    )._replace(
        declared=[
            declare(
                "o.xlsx",
                header=[1, 2],
                columns={
                    "order_id": "Order no",
                    "customer_key": "Order member",
                    "ordered_at": "Order at",
                    "amount": "Paid in all",
                },
            )
        ]
    ),
    _case("a row wider than the header", workbook(HEAD, FIRST, SECOND, [*FIRST, "x"]), "Q", "wrong_width", at=(4,)),
    _case("an encrypted workbook", ENCRYPTED, "E", "o.xlsx", "old or encrypted Excel file", "without a password"),
    _case("an old .xls", ENCRYPTED, "E", "o.xls", "old or encrypted Excel file", "save it as .xlsx", file="o.xls"),
    _case("macros", _with_macros(workbook(HEAD, FIRST)), "E", "o.xlsx", "macros"),
    _case("macros in an .xlsm", _with_macros(workbook(HEAD, FIRST)), "E", "o.xlsm", "macros", file="o.xlsm"),
    _case("a bomb in a workbook", _bomb(), "E", "o.xlsx", "would unpack to"),
    _case("a bomb in a .zip", _zip_bomb(), "E", "o.zip", "would unpack to", file="o.zip"),
    _case("an encrypted .zip", _encrypted_zip(), "E", "o.zip", "encrypted", file="o.zip"),
    _case("a workbook that breaks off", workbook(HEAD, FIRST)[:-99], "E", "o.xlsx", "does not unpack"),
    _case(
        "the same workbook twice", workbook(HEAD, FIRST, SECOND), "E", "p.xlsx has the same content as o.xlsx"
    )._replace(files=dict.fromkeys(("o.xlsx", "p.xlsx"), workbook(HEAD, FIRST, SECOND)), declared=None),
)
