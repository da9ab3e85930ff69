"""Control figures are exact on every engine, and differences are named without amounts."""

from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from backups.engines.figures import (
    Figures,
    MoneyColumn,
    count_and_add,
    differences,
    headline_words,
    is_record,
    money_columns,
    take_figures,
)
from billtracker.core.money import MAX_AMOUNT, to_stored
from tests.factories import make_household, make_user

LARGEST = to_stored(MAX_AMOUNT)
AMOUNTS = st.lists(st.tuples(st.sampled_from(["USD", "JPY"]), st.integers(-LARGEST, LARGEST)), max_size=30)


OWED, PAID = (MoneyColumn("figures_ledger", name, "currency") for name in ("owed", "paid"))
LOOSE = MoneyColumn("figures_ledger", "owed", "")


@pytest.fixture(scope="module")
def ledger_rows(django_db_setup, django_db_blocker):
    """Fill one table anew for each example."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE figures_ledger (currency varchar(3), owed bigint, paid bigint)")

        def fill(rows):
            cursor.execute("DELETE FROM figures_ledger")
            cursor.executemany(
                "INSERT INTO figures_ledger VALUES (%s, %s, %s)",
                [(currency, amount, -amount) for currency, amount in rows],
            )
            return cursor

        yield fill
        cursor.execute("DROP TABLE figures_ledger")


@given(rows=AMOUNTS)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_sums_are_those_of_python(ledger_rows, rows):
    cursor = ledger_rows(rows)
    count, sums = count_and_add(cursor, "figures_ledger", [OWED, PAID])
    assert count == len(rows)
    for currency in {currency for currency, _ in rows}:
        total = sum(amount for one, amount in rows if one == currency)
        assert (sums[OWED][currency], sums[PAID][currency]) == (total, -total)
    assert count_and_add(cursor, "figures_ledger", [LOOSE])[1][LOOSE].get("", 0) == sum(
        amount for _, amount in rows
    )


def test_more_than_sixty_four_bits_are_no_trouble(ledger_rows, django_db_blocker):
    with django_db_blocker.unblock():
        cursor = ledger_rows([("USD", 2**62)] * 8)
        assert count_and_add(cursor, "figures_ledger", [OWED])[1][OWED] == {"USD": 2**65}


@pytest.mark.django_db
def test_every_column_of_money_is_known_and_quantities_are_none():
    columns = money_columns()
    assert MoneyColumn("bills_payment", "amount", "currency") in columns
    assert MoneyColumn("bills_paymentsplit", "amount", "") in columns
    assert not [one for one in columns if "quantity" in one.column]
    figures = take_figures()
    assert set(figures.money) == set(columns)
    assert Figures.from_json(figures.as_json()) == Figures(figures.rows, figures.money, figures.headline)


@pytest.mark.django_db
def test_one_row_more_is_a_difference():
    before = take_figures(headline=False)
    make_household(make_user())
    assert "rows of accounts_household" in differences(before, take_figures(headline=False))
    assert differences(before, before) == []


def test_what_comes_and_goes_is_left_out():
    for table in ("core_cacheentry", "shared_cache", "django_session", "django_q_ormq", "sqlite_sequence"):
        assert not is_record(table)
    assert is_record("django_content_type")


def test_differences_name_no_amount_and_only_the_first():
    one = Figures({f"table{n}": n for n in range(9)}, {OWED: {"USD": 1}})
    other = Figures({f"table{n}": n + 1 for n in range(9)}, {OWED: {"USD": 2}})
    assert differences(one, other) == [f"rows of table{n}" for n in range(5)]
    assert differences(Figures({}, {OWED: {"USD": 1}}), Figures({}, {OWED: {"USD": 2}})) == [
        "the sum of figures_ledger.owed"
    ]


def test_the_headline_in_words():
    headline = {"totals": {"USD": "1204311.50", "JPY": "1850"}, "last_number": "SOA-2026-0417"}
    assert headline_words(headline) == [
        "total 1,850 JPY", "total 1,204,311.50 USD", "last number SOA-2026-0417",
    ]  # fmt: skip
    assert headline_words({"totals": {}, "paid": {"EUR": "12.00"}, "last_number": ""}) == ["total 12.00 EUR"]
    assert headline_words({}) == []
    assert Decimal(headline["totals"]["USD"]) == Decimal("1204311.50")
