"""Made-up exports of businesses that the playbook has never seen, small enough to be written out by a test."""

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

START = datetime(2025, 1, 3, 8, 15)
FIRST = ["Ann", "Bert", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hal", "Ida", "Jon"]
LAST = ["Ash", "Birch", "Cedar", "Dorn", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Larch"]
BOOKS = ["山中来信", "海边的灯", "城市笔记", "旧时光"]
CLERKS = ["何静", "王敏", "李强", "周洋"]


def moments(count: int, form: str, *, hours: int = 17) -> list[str]:
    """Moments one after the other, written in a form."""
    return [(START + timedelta(hours=hours * number)).strftime(form) for number in range(count)]


def write(path: Path, header: list[str], rows: list[list], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """A file of delimited text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return path


def gym(folder: Path) -> None:
    """Members and their check-ins: semicolons, the day before the month, two names in two columns."""
    draw = random.Random(1)
    header = ["Member #", "First Name", "Last Name", "DOB", "Mobile", "Membership Type", "Join Date", "Home Club",
              "Marketing opt-in"]  # fmt: skip
    members = [_member(draw, number, joined) for number, joined in enumerate(moments(300, "%d/%m/%Y"))]
    write(folder / "members.csv", header, members, delimiter=";")
    visits = [[draw.choice(members)[0], draw.choice(["Leeds", "York"]), moment, ""] for moment in _visits()]
    write(folder / "checkins.csv", ["Member #", "Club", "Check-in", "Check-out"], visits, delimiter=";")


def _member(draw: random.Random, number: int, joined: str) -> list:
    first, last = draw.choice(FIRST) + draw.choice("abcdefgh"), draw.choice(LAST) + draw.choice("klmnop")
    born, mobile = f"{number % 28 + 1:02d}/0{number % 9 + 1}/{1960 + number % 45}", f"+44 7700 90{number:04d}"
    return [f"GY{88000 + number * 7}", first, last, born, mobile, "Off-peak", joined, "Leeds", "Y"]


def _visits() -> list[str]:
    return moments(2000, "%d/%m/%Y %H:%M", hours=3)


def bookshop(folder: Path) -> None:
    """A bookshop's sales in GB18030: list price beside what was paid, returns in words, guests without a number."""
    draw = random.Random(2)
    header = ["销售单号", "销售时间", "会员编号", "ISBN", "书名", "图书分类", "册数", "定价", "实洋", "单据类型",
              "支付方式", "收银员"]  # fmt: skip
    buyers = ["散客" if draw.random() < 0.2 else f"BK{3000 + draw.randrange(150) * 11}" for _ in range(450)]
    undone = [draw.random() < 0.04 for _ in range(450)]
    times = moments(900, "%Y年%m月%d日 %H:%M", hours=5)
    rows = [_sale(draw, n, time, buyers[n // 2], undone[n // 2]) for n, time in enumerate(times)]
    write(folder / "销售明细.csv", header, rows, encoding="gb18030")


def _sale(draw: random.Random, number: int, moment: str, buyer: str, is_return: bool) -> list:
    book, several = draw.randrange(60), draw.choice([1, 1, 1, 2, 3])
    price, sign, kind = 20 + book * 1.5, -1 if is_return else 1, "退货" if is_return else "销售"
    goods = [f"97875{book:08d}", f"{BOOKS[book % 4]}{book}", "图书", several, f"{price:.2f}"]
    paid = f"{sign * several * price * 0.88:.2f}"
    return [f"XS25{number // 2:06d}", moment, buyer, *goods, paid, kind, "微信", draw.choice(CLERKS)]


def wholesaler(folder: Path) -> None:
    """A wholesaler's workbook: two lines of titles, a sheet of order lines and one of customers."""
    import openpyxl

    draw, book = random.Random(3), openpyxl.Workbook()
    lines, customers = book.active, book.create_sheet("Customers")
    lines.title = "Order lines"
    for title in ("Order book of Northwind Paper", "Printed for the board"):
        lines.append([title])
    goods = ["Material", "Material description", "Order Qty", "Net price per unit", "Net value (EUR)"]
    lines.append(["Doc No", "Line No", "Posting Date", "Sold-to party", *goods])
    buyers = [f"C{4000 + draw.randrange(90) * 13}" for _ in range(250)]
    for number in range(700):
        lines.append(_line(draw, number, buyers[number // 3]))
    customers.append(["Customer No", "Company", "Country", "Customer since", "Account manager"])
    for number in range(90):
        company, since = f"{LAST[number % 5]} Ltd {chr(65 + number % 26)}", START - timedelta(days=number)
        customers.append([f"C{4000 + number * 13}", company, "Germany", since, "Ines"])
    folder.mkdir(parents=True, exist_ok=True)
    book.save(folder / "orders.xlsx")


def _line(draw: random.Random, number: int, buyer: str) -> list:
    several, price = draw.randint(1, 40), 1 + draw.randrange(80) * 0.25
    head = [f"SO-{70000 + number // 3}", number % 3 + 1, START + timedelta(hours=number), buyer]
    return [*head, f"MAT-{int(price * 4):05d}", "Envelope, white", several, price, round(several * price, 2)]
