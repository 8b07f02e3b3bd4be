"""Encoding: bytes that are text in one encoding, in two, or in none."""

from exports import ORDERS, declare, orders

from catalogue.case import PLAIN, Case, file

STORES = ORDERS | {"store": "店"}
HEAD = "no,member,at,paid,店\n"
CHINESE = orders("1,a,2025-03-04,10,上海人民广场店", "2,b,2025-03-05,20,北京西单大悦城店", head=HEAD)
TRADITIONAL = orders(
    "1,a,2025-03-04,10,臺灣臺北門市", "2,b,2025-03-05,20,國際購物廣場", head="no,member,at,paid,店鋪\n"
)
FRENCH = "no,member,at,paid,store\n" + "".join(
    f"{n},a,2025-03-04,10,{store}\n" for n, store in enumerate(("Évreux-Château", "Besançon", "Müllheim é"))
)
BOTH = (("1", "上海人民广场店"), ("2", "北京西单大悦城店"))
SHOWN = {"shown": "order_id, store", "rows": BOTH}


def _case(name, content, becomes, *says, columns=STORES, **more):
    declared = {key: more.pop(key) for key in ("encoding",) if key in more}
    return Case(
        "encoding",
        name,
        {"o.csv": content},
        becomes,
        says,
        declared=[declare("o.csv", columns=columns, **declared)],
        **more,
    )


MOSTLY_UTF8 = (
    CHINESE.encode() + "3,c,2025-03-05,30,广州天河路店\n".encode("gb18030") + "4,d,2025-03-05,40,深圳湾店\n".encode()
)
MOSTLY_GB = (
    CHINESE.encode("gb18030")
    + "3,c,2025-03-05,30,广州天河路店\n".encode()
    + "4,d,2025-03-05,40,深圳湾店\n".encode("gb18030")
)
FOUR = {"shown": "order_id, store", "rows": (*BOTH, ("4", "深圳湾店")), "at": (4,)}
ASCII = "".join(f"n{n},a,2025-03-04,1,x\n" for n in range(20_000))
TWO_ROWS = (("1",), ("2",))
LATIN = ORDERS | {"store": "store"}
BIG5 = ORDERS | {"store": "店鋪"}

CASES = (
    Case("encoding", "UTF-8", {"o.csv": PLAIN}, "K", rows=TWO_ROWS),
    _case("UTF-8 with a byte order mark", CHINESE.encode("utf-8-sig"), "R", "byte_order_mark", **SHOWN),
    _case("GB18030", CHINESE.encode("gb18030"), "R", "encoding", **SHOWN),
    _case("GBK", CHINESE.encode("gbk"), "R", "encoding", **SHOWN),
    _case("UTF-16", CHINESE.encode("utf-16"), "R", "encoding", **SHOWN),
    _case("UTF-16 in network order", b"\xfe\xff" + CHINESE.encode("utf-16-be"), "R", "encoding", **SHOWN),
    _case("UTF-32", CHINESE.encode("utf-32"), "R", "encoding", **SHOWN),
    _case("Big5", TRADITIONAL.encode("big5"), "E", "encoding: big5", columns=BIG5),
    _case("Big5, declared", TRADITIONAL.encode("big5"), "R", "encoding", columns=BIG5, encoding="big5", rows=TWO_ROWS),
    _case("Windows-1252", FRENCH.encode("cp1252"), "E", "byte 43, line 2", "encoding: cp1252", columns=LATIN),
    _case(
        "Windows-1252, declared",
        FRENCH.encode("cp1252"),
        "R",
        "encoding",
        columns=LATIN,
        encoding="cp1252",
        shown="store",
        rows=(("Besançon",), ("Müllheim é",), ("Évreux-Château",)),
    ),
    _case("an encoding that does not exist", CHINESE, "E", "there is no encoding 'gbk9'", encoding="gbk9"),
    _case(
        "declared as what it is not", CHINESE.encode("gb18030"), "E", "declared as ascii", "line 1", encoding="ascii"
    ),
    _case(
        "20,000 rows of ASCII, then GB18030",
        (HEAD.replace("店", "shop") + ASCII + "last,a,2025-03-04,1,上海人民广场店\n").encode("gb18030"),
        "R",
        "encoding",
        columns=ORDERS | {"store": "shop"},
        shown="max(store)",
        rows=(("上海人民广场店",),),
    ),
    _case(
        "GB18030 rows in a UTF-8 file", MOSTLY_UTF8, "Q", "other_encoding", f"byte {len(CHINESE.encode()) + 19}", **FOUR
    ),
    _case(
        "UTF-8 rows in a GB18030 file",
        MOSTLY_GB,
        "Q",
        "other_encoding",
        f"byte {len(CHINESE.encode('gb18030')) + 19}",
        **FOUR,
    ),
    _case(
        "UTF-8 rows in a file declared as GB18030",
        MOSTLY_GB,
        "Q",
        "other_encoding",
        f"byte {len(CHINESE.encode('gb18030')) + 19}",
        encoding="gb18030",
        **FOUR,
    ),
    _case(
        "a character cut off at the end",
        (CHINESE + "3,c,2025-03-05,30,广").encode()[:-1],
        "Q",
        "cut_character",
        **SHOWN,
        at=(4,),
    ),
    _case(
        "a GB18030 character cut off at the end",
        (CHINESE + "3,c,2025-03-05,30,广").encode("gb18030")[:-1],
        "Q",
        "cut_character",
        **SHOWN,
        at=(4,),
    ),
    _case(
        "half of a UTF-16 character at the end",
        (CHINESE + "3,c,2025-03-05,30,广").encode("utf-16")[:-1],
        "Q",
        "cut_character",
        **SHOWN,
        at=(4,),
    ),
    _case(
        "characters lost before the export",
        CHINESE.replace("人民", "��"),
        "F",
        "lost_characters",
        shown="store",
        rows=(("上海��广场店",), ("北京西单大悦城店",)),
    ),
    Case(
        "encoding",
        "a NUL byte",
        **file("o.csv", PLAIN.encode() + b"3,c\0,2025-03-04,1\n"),
        becomes="Q",
        says=("nul_byte",),
        rows=TWO_ROWS,
        at=(4,),
    ),
    Case(
        "encoding",
        "a header in another encoding than the rows",
        {"o.csv": HEAD.encode("gb18030") + CHINESE.split("\n", 1)[1].encode()},
        "E",
        ("o.csv", "header does not read"),
    ),
)
