"""Made-up exports of businesses that the playbook has never seen, small enough to be written out by a test."""

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

START = datetime(2025, 1, 3, 8, 15)


def moments(count: int, form: str, *, hours: int = 17) -> list[str]:
    """Moments one after the other, written in a form."""
    return [(START + timedelta(hours=hours * number)).strftime(form) for number in range(count)]


def write(path: Path, header: list[str], rows: list[list], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """A file of delimited text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return path


def gym(folder: Path) -> Path:
    """Members and their check-ins, semicolons, the day before the month, two names in two columns."""
    draw, count = random.Random(1), 300
    joined = moments(count, "%d/%m/%Y")
    names = [
        (draw.choice(_FIRST) + draw.choice("abcdefgh"), draw.choice(_LAST) + draw.choice("klmnop"))
        for _ in range(count)
    ]
    members = [
        [
            f"GY{88000 + n * 7}",
            *names[n],
            f"{n % 28 + 1:02d}/0{n % 9 + 1}/{1960 + n % 45}",
            f"+44 7700 90{n:04d}",
            "Off-peak",
            joined[n],
            "Leeds",
            "Y",
        ]
        for n in range(count)
    ]
    keys = [member[0] for member in members]
    visits = [
        [draw.choice(keys), "Leeds" if draw.random() < 0.6 else "York", moment, ""]
        for moment in moments(2000, "%d/%m/%Y %H:%M", hours=3)
    ]
    header = [
        "Member #",
        "First Name",
        "Last Name",
        "DOB",
        "Mobile",
        "Membership Type",
        "Join Date",
        "Home Club",
        "Marketing opt-in",
    ]
    write(folder / "members.csv", header, members, delimiter=";")
    return write(folder / "checkins.csv", ["Member #", "Club", "Check-in", "Check-out"], visits, delimiter=";")


def bookshop(folder: Path) -> Path:
    """A bookshop's sales in GB18030: list price beside what was paid, returns in words, guests without a number."""
    draw, rows = random.Random(2), []
    buyers = ["散客" if draw.random() < 0.2 else f"BK{3000 + draw.randrange(150) * 11}" for _ in range(450)]
    undone = [draw.random() < 0.04 for _ in range(450)]
    for number, moment in enumerate(moments(900, "%Y年%m月%d日 %H:%M", hours=5)):
        book, several, is_return = draw.randrange(60), draw.choice([1, 1, 1, 2, 3]), undone[number // 2]
        price, sign = 20 + book * 1.5, -1 if is_return else 1
        paid = f"{sign * several * price * 0.88:.2f}"
        rows.append([f"XS25{number // 2:06d}", moment, buyers[number // 2], f"97875{book:08d}", f"{_BOOKS[book % 4]}{book}", "图书", several,
                     f"{price:.2f}", paid, "退货" if is_return else "销售", "微信", draw.choice(_CLERKS)])  # fmt: skip
    header = [
        "销售单号",
        "销售时间",
        "会员编号",
        "ISBN",
        "书名",
        "图书分类",
        "册数",
        "定价",
        "实洋",
        "单据类型",
        "支付方式",
        "收银员",
    ]
    return write(folder / "销售明细.csv", header, rows, encoding="gb18030")


def wholesaler(folder: Path) -> Path:
    """A wholesaler's workbook: two lines of titles, a sheet of order lines and one of customers."""
    import openpyxl

    draw, book = random.Random(3), openpyxl.Workbook()
    lines, customers = book.active, book.create_sheet("Customers")
    lines.title = "Order lines"
    lines.append(["Order book of Northwind Paper"])
    lines.append(["Printed for the board"])
    lines.append(
        [
            "Doc No",
            "Line No",
            "Posting Date",
            "Sold-to party",
            "Material",
            "Material description",
            "Order Qty",
            "Net price per unit",
            "Net value (EUR)",
        ]
    )
    buyers = [f"C{4000 + draw.randrange(90) * 13}" for _ in range(250)]
    for number in range(700):
        several, price = draw.randint(1, 40), 1 + draw.randrange(80) * 0.25
        lines.append([f"SO-{70000 + number // 3}", number % 3 + 1, START + timedelta(hours=number), buyers[number // 3],
                      f"MAT-{int(price * 4):05d}", "Envelope, white", several, price, round(several * price, 2)])  # fmt: skip
    customers.append(["Customer No", "Company", "Country", "Customer since", "Account manager"])
    for number in range(90):
        customers.append(
            [
                f"C{4000 + number * 13}",
                f"{_LAST[number % 5]} Ltd {chr(65 + number % 26)}",
                "Germany",
                START - timedelta(days=number),
                "Ines",
            ]
        )
    folder.mkdir(parents=True, exist_ok=True)
    book.save(folder / "orders.xlsx")
    return folder / "orders.xlsx"


_FIRST = ["Ann", "Bert", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hal", "Ida", "Jon"]
_LAST = ["Ash", "Birch", "Cedar", "Dorn", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Larch"]
_BOOKS = ["山中来信", "海边的灯", "城市笔记", "旧时光"]
_CLERKS = ["何静", "王敏", "李强", "周洋"]
