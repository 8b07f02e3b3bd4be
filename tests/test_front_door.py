"""A DataFrame goes in at the front door and comes out as tiers, future value and churn, as from files."""

import numpy as np
import pandas as pd
import pytest

import playbook


@pytest.fixture(scope="module")
def sales():
    rng = np.random.default_rng(5)
    rows = [
        {"CustomerID": f"c{number:03d}", "InvoiceNo": f"{number}-{visit}", "Revenue": round(float(rng.gamma(3, 12)), 2)}
        | {"InvoiceDate": pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(rng.integers(0, 700)))}
        for number in range(80)
        for visit in range(1 + rng.geometric(0.3))
    ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def shop(sales):
    columns = {"customer": "CustomerID", "date": "InvoiceDate", "amount": "Revenue", "order": "InvoiceNo"}
    return playbook.from_transactions(sales, **columns, currency="EUR")


def test_the_numbers_are_those_of_a_run_on_the_same_rows_in_a_file(shop, sales, tmp_path):
    sales.to_csv(tmp_path / "o.csv", index=False)
    columns = "{order_id: InvoiceNo, customer_key: CustomerID, ordered_at: InvoiceDate, amount: Revenue}"
    mapping = f"currency: EUR\nfiles:\n- {{path: o.csv, table: orders, source: shop, columns: {columns}}}\n"
    (tmp_path / "sources.yml").write_text(mapping)
    run = playbook.open_run(data=str(tmp_path), out=str(tmp_path / "runs"))
    for table in ("rfm", "ltv", "churn"):
        ours = getattr(shop, table).drop(columns="CustomerID").sort_values("customer_id", ignore_index=True)
        pd.testing.assert_frame_equal(ours, run.table(table).df())


def test_each_customer_comes_back_under_their_own_key(shop, sales):
    spent = sales[sales["InvoiceDate"] > sales["InvoiceDate"].max() - pd.Timedelta(days=365)]
    expected = spent.groupby("CustomerID")["Revenue"].sum().reindex(sorted(sales["CustomerID"].unique()), fill_value=0)
    pd.testing.assert_series_equal(shop.rfm.set_index("CustomerID")["monetary"], expected, check_names=False)


def test_lines_of_one_order_are_one_purchase(sales):
    lines = pd.concat([sales.assign(Revenue=sales["Revenue"] / 2)] * 2)
    columns = {"customer": "CustomerID", "date": "InvoiceDate", "amount": "Revenue", "order": "InvoiceNo"}
    orders = sales.groupby("CustomerID")["InvoiceNo"].nunique()
    counted = playbook.from_transactions(lines, **columns).rfm.set_index("CustomerID")["orders_ever"]
    pd.testing.assert_series_equal(counted, orders.astype("int64"), check_names=False)


def test_a_column_that_is_not_there_is_answered_with_those_that_are(sales):
    with pytest.raises(ValueError, match=r"customer='CustomerId': the frame has no such column; .*'CustomerID'"):
        playbook.from_transactions(sales, customer="CustomerId", date="InvoiceDate", amount="Revenue")


def test_two_columns_of_one_name_are_refused(sales):
    twice = pd.concat([sales, sales[["Revenue"]]], axis=1)
    with pytest.raises(ValueError, match="amount='Revenue': the frame has 2 columns of that name"):
        playbook.from_transactions(twice, customer="CustomerID", date="InvoiceDate", amount="Revenue")


def test_a_key_called_as_ours_comes_back_and_a_run_outlives_its_shop(sales):
    few = sales.head(60).rename(columns={"CustomerID": "customer_id"})
    shop = playbook.from_transactions(
        few, customer="customer_id", date="InvoiceDate", amount="Revenue", as_of="2025-12-31"
    )
    assert set(shop.rfm["customer_id"]) == set(few["customer_id"])
    run = playbook.from_transactions(few, customer="customer_id", date="InvoiceDate", amount="Revenue").run
    assert run.table("orders").count() == len(few)


def test_times_with_a_zone_are_read_by_their_own_clock():
    days = pd.to_datetime(["2025-01-03 23:30", "2025-02-01 00:10"]).tz_localize("Asia/Shanghai")
    frame = pd.DataFrame({"c": ["a", "b"], "d": days, "m": [9, 5]})
    assert playbook.from_transactions(frame, customer="c", date="d", amount="m").rfm["recency_days"].tolist() == [29, 0]


def test_the_package_shows_its_rooms(monkeypatch):
    assert {"from_transactions", "rfm", "ltv", "churn"} <= set(dir(playbook))
    assert playbook.rfm.__name__ == "playbook.rfm"
