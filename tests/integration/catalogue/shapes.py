"""Structure, header, emptiness, scale: how rows and columns are laid out."""

from exports import HEAD, ORDERS, declare, orders

from catalogue.case import PLAIN, Case, file, gzipped, zipped

TWO = (("1",), ("2",))
TOTALS = orders(
    "1,a,2025-03-04,10", "2,b,2025-03-05,20", "合计,,,30", "Total:,,,30", "小 计,,2025-03-05,30", "sum,,,30"
)
WIDER = orders(*(f"{n},a,2025-03-04,1" for n in range(300))) + "".join(f"w{n},a,2025-03-04,1,new\n" for n in range(29))
MEMBERS = [declare("m.csv", "customers", columns={"customer_key": "no"}), declare("o.csv")]


def _text(group, name, content, becomes, *says, file_name="o.csv", rows=TWO, at=(), **declared):
    case = file(file_name, content, **declared)
    rows = None if becomes == "E" else rows
    return Case(group, name, becomes=becomes, says=says, rows=rows, at=at, **case)


def _structure(name, content, becomes, *says, **more):
    return _text("structure", name, content, becomes, *says, **more)


def _header(name, content, becomes, *says, **more):
    return _text("header", name, content, becomes, *says, **more)


CASES = (
    _structure("tabs", PLAIN.replace(",", "\t"), "R", "delimiter", file_name="o.tsv"),
    _structure("semicolons", PLAIN.replace(",", ";"), "R", "delimiter"),
    _structure("bars", PLAIN.replace(",", "|"), "R", "delimiter"),
    _structure("full-width commas", PLAIN.replace(",", "，"), "E", "o.csv", "full-width comma"),
    _structure("ragged rows", PLAIN + "3,c\n4,d,2025-03-05,1,x\n", "Q", "wrong_width", at=(4, 5)),
    Case(
        "structure",
        "a width that changes in the middle",
        {"o.csv": WIDER},
        "Q",
        ("wrong_width",),
        rows=((300,),),
        shown="count(*)",
        at=tuple(range(302, 331)),
    ),
    _structure(
        "an unclosed quote",
        PLAIN + '3,"c,2025-03-04,1\n4,d,2025-03-04,1\n',
        "E",
        "o.csv",
        "row 4 (line 4) is never closed",
    ),
    _structure("a quote that ends too early", PLAIN + '3,"c"c,2025-03-04,1\n', "Q", "broken_quotes", at=(4,)),
    _structure("a line break inside quotes", PLAIN.replace("a,", '"a\nb",'), "K"),
    _structure("line ends of an old Macintosh", PLAIN.replace("\n", "\r"), "R", "line_ends"),
    _structure("line ends of Windows", PLAIN.replace("\n", "\r\n"), "K"),
    _structure("no line end at the end", PLAIN[:-1], "K"),
    _structure("titles above the header", "Orders of March\n\n" + PLAIN, "E", "o.csv", "declare header: 3"),
    _structure("titles above the header, declared", "Orders of March\n\n" + PLAIN, "R", header=3),
    _structure("rows of totals", TOTALS, "Q", "total_row", at=(4, 5, 6, 7)),
    Case(
        "structure",
        "a total in a list of customers",
        {"m.csv": "no,x\nM1,1\n合计,1\n", "o.csv": PLAIN},
        "Q",
        ("total_row",),
        table="customers",
        shown="count(*)",
        rows=((3,),),
        at=(3,),
        declared=MEMBERS,
        whole=True,
    ),
    _structure("packed as .gz", gzipped(PLAIN), "R", "unpacked", file_name="o.csv.gz"),
    _structure("packed as .zip", zipped(PLAIN), "R", "unpacked", file_name="o.zip"),
    _structure("a .gz that breaks off", gzipped(PLAIN)[:-12], "E", "o.csv.gz", "does not unpack", file_name="o.csv.gz"),
    _structure("a .zip of two files", zipped(PLAIN)[:-40], "E", "o.zip", "does not unpack", file_name="o.zip"),
    _structure("a workbook named .csv", zipped("x"), "E", "o.csv", "its content is zip"),
    _structure("text named .xlsx", PLAIN, "E", "o.xlsx", "its content is text", file_name="o.xlsx"),
    _structure("a .gz named .csv", gzipped(PLAIN), "E", "o.csv", "its content is gzip"),
    _structure("text named .gz", PLAIN, "E", "o.csv.gz", "its content is text", file_name="o.csv.gz"),
    _structure(
        "a web page named .xls", "<html><table><tr><td>1</td></tr></table>", "E", "a web page", file_name="o.xls"
    ),
    _header(
        "two columns of one name", PLAIN.replace("no,member", "no,no"), "E", "o.csv", "column(s) no more than once"
    ),
    _header("no header", PLAIN.split("\n", 1)[1], "E", "o.csv", "first row looks like data", "header: 0"),
    _header("no header, declared", PLAIN.split("\n", 1)[1], "K", header=0, names=["no", "member", "at", "paid"]),
    _header(
        "full-width, spaced, differently cased names",
        PLAIN.replace("no,member,at", "Ｎｏ, Member ,AT"),
        "R",
        "header_name",
    ),
    _header(
        "a required column is missing", PLAIN.replace(",at,", ",day,"), "E", "o.csv", "no column 'at'", "there are:"
    ),
    _header("a misspelt column", PLAIN.replace(",paid", ",piad"), "E", "no column 'paid'", "did you mean 'piad'"),
    _header(
        "two columns that are one but for their case",
        "NO,No,member,at,paid\n1,1,a,2025-03-04,1\n",
        "E",
        "may be 'NO' and 'No'",
    ),
    Case(
        "header",
        "two columns mapped to one field",
        {
            "o.csv": PLAIN,
            "sources.yml": (
                "files:\n- path: o.csv\n  source: shop\n  table: orders\n"
                "  columns:\n    order_id: no\n    order_id: member\n    ordered_at: at\n"
            ),
        },
        "E",
        ("sources.yml", "'order_id' stands twice, in lines 6 and 7"),
    ),
    _text("emptiness", "no bytes", "", "E", "o.csv", "0 bytes"),
    _text("emptiness", "a header only", HEAD, "E", "o.csv", "a header and no row"),
    _text(
        "emptiness",
        "a required column without a value",
        orders(",a,2025-03-04,1", ",b,2025-03-04,1"),
        "E",
        "o.csv",
        "column 'no' holds no value",
    ),
    _text("emptiness", "one customer, one day, no repeat purchase", orders("1,a,2025-03-04,10"), "K", rows=(("1",),)),
    _text(
        "scale",
        "a cell of 100 MB",
        orders("1,a,2025-03-04,1", f"2,{'x' * 100_000_000},2025-03-04,1"),
        "E",
        "o.csv",
        "line 3",
    ),
    _text(
        "scale",
        "a cell of 2 MB",
        orders("1,a,2025-03-04,1", f"2,{'x' * 2_000_000},2025-03-04,1"),
        "E",
        "o.csv",
        "row 3 (line 3)",
        "1,000,000 characters",
    ),
    Case(
        "structure",
        "fixed width, a short line",
        {"o.txt": "0001 20250304  10\n02\n0003 20250305  20\n"},
        "Q",
        ("wrong_width",),
        rows=(("0001",), ("0003",)),
        at=(2,),
        declared=[
            declare(
                "o.txt", columns=ORDERS, fixed_width={"no": [1, 4], "member": [1, 4], "at": [6, 13], "paid": [14, 17]}
            )
        ],
    ),
)
