"""The month tracker: what it shows, what it costs, and its acts."""

import csv
import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from dateutil.relativedelta import relativedelta
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bills import services
from bills.models import Payment
from bills.reports.due_dates import occurrences_due
from bills.reports.tracker import month_tracker
from billtracker.core.periods import Month
from billtracker.core.templatetags.billtracker import undo_url
from tests.bills.conftest import saved_bill
from tests.factories import make_bill, make_category, make_member

D = dt.date
NOVEMBER = Month(2026, 11)


@pytest.fixture(autouse=True)
def the_day(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))


@pytest.fixture
def signed_in(client, owner, household):
    client.force_login(owner)
    return client


@pytest.fixture
def bill(owner, household):
    return saved_bill(owner, household)


def due_url(bill, name="occurrence", day=D(2026, 11, 15)):  # noqa: B008
    return reverse(f"bills:{name}", args=[bill.pk, day])


def undo_of(response) -> str:
    """Return the address that takes the last act back, from its message."""
    (message,) = get_messages(response.wsgi_request)
    return undo_url(message)


# --- what it shows -----------------------------------------------------------------------------
def test_the_home_page_is_this_months_tracker_by_the_households_clock(
    signed_in, owner, household, bill, time_machine
):
    household.time_zone = "Pacific/Auckland"
    household.save()
    time_machine.move_to(dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC))
    signed_in.force_login(owner)  # the first session has run out by then
    assert signed_in.get("/").context["tracker"].month == Month(2026, 12)


def test_nothing_set_up_and_nothing_due_are_different(signed_in, owner, household):
    assert "Nothing set up yet" in signed_in.get("/tracker/2026/11/").content.decode()
    saved_bill(owner, household, start_date=D(2027, 1, 15))
    page = signed_in.get("/tracker/2026/11/").content.decode()
    assert "Nothing set up yet" not in page
    assert "Nothing is due in these days" in page


def test_a_month_without_the_bill_counts_it_nowhere(owner, household):
    saved_bill(owner, household, unit="month", interval=3, start_date=D(2026, 1, 10))
    tracker = month_tracker(household, NOVEMBER, D(2026, 11, 21))
    assert (tracker.rows, tracker.totals) == ([], [])


def test_rows_are_grouped_by_the_households_pay_periods(owner, household):
    household.second_period_day = 20
    for day in (1, 19, 20, 30):
        saved_bill(owner, household, name=f"Due {day}", start_date=D(2026, 1, day))
    periods = month_tracker(household, NOVEMBER, D(2026, 11, 21)).periods
    assert [[row.bill.name for row in period.rows] for period in periods] == [
        ["Due 1", "Due 19"],
        ["Due 20", "Due 30"],
    ]


def test_totals_are_per_currency_and_the_households_own_comes_first(owner, household):
    saved_bill(owner, household, currency="EUR", expected_amount=Decimal("12.50"))
    saved_bill(owner, household, expected_amount=Decimal("0.10"))
    saved_bill(owner, household, expected_amount=Decimal("0.20"))
    totals = month_tracker(household, NOVEMBER, D(2026, 11, 21)).totals
    assert [(total.currency, total.expected) for total in totals] == [
        ("USD", Decimal("0.30")),
        ("EUR", Decimal("12.50")),
    ]


def test_a_snoozed_bill_leaves_the_overdue_list_and_not_the_totals(owner, household, bill):
    october = bill.occurrences.get(scheduled_date=D(2026, 10, 15))
    today = D(2026, 11, 21)
    services.snooze_occurrence(actor=owner, occurrence=october, until=D(2026, 11, 25), today=today)
    listed = [row.occurrence.due_date for row in month_tracker(household, NOVEMBER, today).overdue]
    assert D(2026, 10, 15) not in listed
    assert D(2026, 9, 15) in listed
    (total,) = month_tracker(household, Month(2026, 10), today).totals
    assert (total.expected, total.left, total.overdue) == (Decimal(100), Decimal(100), Decimal(100))
    later = month_tracker(household, NOVEMBER, D(2026, 11, 25)).overdue
    assert D(2026, 10, 15) in [row.occurrence.due_date for row in later]


def test_the_overdue_list_agrees_with_the_state_of_every_earlier_occurrence(owner, household):
    today = D(2026, 11, 21)
    for number, fields in enumerate(
        [{}, {"is_autopay": True}, {"unit": "week", "start_date": D(2026, 1, 5)}, {"currency": "JPY"}]
    ):
        bill = saved_bill(owner, household, name=f"Bill {number}", today=D(2026, 1, 1), **fields)
        for index, occurrence in enumerate(bill.occurrences.filter(due_date__lt=today)):
            if index % 4 == 0:
                paid = [(occurrence, Decimal(100) if index % 8 else Decimal(40))]
                services.record_payment(
                    actor=owner, household=household, splits=paid, paid_on=today, currency=bill.currency
                )
            elif index % 4 == 1:
                services.skip_occurrence(actor=owner, occurrence=occurrence)
    listed = {row.occurrence.pk for row in month_tracker(household, NOVEMBER, today).overdue}
    months = [month_tracker(household, Month(2026, m), today).rows for m in range(1, 11)]
    assert listed == {row.occurrence.pk for rows in months for row in rows if row.standing.is_overdue}
    assert listed


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Gas", "Rent", "Water"]),
        ("?sort=name", ["Gas", "Rent", "Water"]),
        ("?sort=amount", ["Rent", "Water", "Gas"]),
        ("?q=wat", ["Water"]),
        ("?show=unpaid", ["Gas", "Rent"]),
        ("?show=paid", ["Water"]),
        ("?show=overdue", ["Rent"]),
        ("?show=skipped", []),
        ("?category={category}", ["Rent"]),
        ("?show=nonsense&sort=nonsense&category=x", ["Gas", "Rent", "Water"]),
    ],
)
def test_the_address_filters_and_sorts_and_the_totals_stay(signed_in, owner, household, query, names):
    category = make_category(household)
    amounts = {"Rent": 1850, "Gas": 20, "Water": 60}
    for name, amount in amounts.items():
        start = D(2026, 11, {"Rent": 15, "Gas": 28, "Water": 29}[name])
        made = saved_bill(
            owner,
            household,
            name=name,
            expected_amount=Decimal(amount),
            start_date=start,
            category=category if name == "Rent" else None,
        )
        if name == "Water":
            services.pay_in_full(
                actor=owner, household=household, occurrences=[made.occurrences.first()], paid_on=start
            )
    page = signed_in.get(f"/tracker/2026/11/{query.format(category=category.pk)}")
    tracker = page.context["tracker"]
    shown = [row.bill.name for period in tracker.periods for row in period.rows]
    assert sorted(shown) == sorted(names)
    if "sort=amount" not in query:
        assert tracker.totals[0].expected == Decimal(1930)


def test_the_csv_holds_the_rows_as_text_that_no_spreadsheet_runs(signed_in, owner, household):
    saved_bill(owner, household, name='=HYPERLINK("http://x")')
    answer = signed_in.get("/tracker/2026/11/csv/").content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(answer))
    assert row["bill"] == '\'=HYPERLINK("http://x")'
    assert (row["due"], row["owed"], row["left"], row["state"]) == ("2026-11-15", "100.00", "100.00", "late")


@pytest.mark.parametrize(
    "path", ["/tracker/2026/13/", "/tracker/2026/0/", "/tracker/9999/1/", "/tracker/1969/12/"]
)
def test_what_is_no_month_is_no_page(signed_in, path):
    assert signed_in.get(path).status_code == 404


@pytest.mark.parametrize(("year", "month"), [(1970, 1), (2199, 12), (2035, 2)])
def test_a_month_beyond_the_horizon_is_computed(signed_in, bill, year, month):
    tracker = signed_in.get(f"/tracker/{year}/{month}/").context["tracker"]
    assert [row.occurrence.due_date.day for row in tracker.rows] == ([15] if year > 2025 else [])


@pytest.mark.parametrize(
    ("tz", "instant", "today"),
    [
        ("Pacific/Auckland", (2026, 11, 30, 10, 59), D(2026, 11, 30)),
        ("Pacific/Auckland", (2026, 11, 30, 11, 0), D(2026, 12, 1)),
        ("Asia/Kolkata", (2026, 11, 30, 18, 29), D(2026, 11, 30)),
        ("Asia/Kolkata", (2026, 11, 30, 18, 30), D(2026, 12, 1)),
        ("America/Los_Angeles", (2026, 12, 1, 7, 59), D(2026, 11, 30)),
        ("America/Los_Angeles", (2026, 12, 1, 8, 0), D(2026, 12, 1)),
        ("UTC", (2026, 11, 30, 23, 59), D(2026, 11, 30)),
        ("UTC", (2026, 12, 1, 0, 0), D(2026, 12, 1)),
    ],
)
def test_midnight_comes_when_it_comes_at_home(signed_in, owner, household, time_machine, tz, instant, today):
    household.time_zone = tz
    household.save()
    bill = saved_bill(owner, household, start_date=D(2026, 11, 30))
    time_machine.move_to(dt.datetime(*instant, tzinfo=dt.UTC))
    signed_in.force_login(owner)
    row = signed_in.get(due_url(bill, day=D(2026, 11, 30))).context["row"]
    assert row.today == today
    assert row.standing.state == ("late" if today.day == 1 else "due_soon")
    signed_in.post(due_url(bill, "occurrence_pay_full", D(2026, 11, 30)))
    assert Payment.objects.get().paid_on == today


# --- what it costs -----------------------------------------------------------------------------
def test_the_tracker_asks_ten_questions_whatever_the_number_of_bills_and_years(signed_in, owner, household):
    for number in range(5):
        few = saved_bill(owner, household, name=f"Few {number}", start_date=D(2026, 11, 1))
    signed_in.post(due_url(few, "occurrence_pay_full", D(2026, 11, 1)))
    signed_in.get("/tracker/2026/11/")  # shows the message
    with CaptureQueriesContext(connection) as few:
        signed_in.get("/tracker/2026/11/")
    make_ten_years(household, 195)
    pay_some(owner, household)
    with CaptureQueriesContext(connection) as many:
        page = signed_in.get("/tracker/2026/11/")
    assert len(page.context["tracker"].rows) == 200
    assert len(page.context["tracker"].overdue) > 20_000
    assert (len(few), len(many)) == (10, 10), [query["sql"] for query in many]


def make_ten_years(household, count):
    """Bills in three currencies that are due monthly since December 2016."""
    category = make_category(household)
    for number in range(count):
        make_bill(
            household,
            name=f"Many {number}",
            start_date=D(2016, 12, 1 + number % 28),
            category=category,
            currency=("USD", "EUR", "JPY")[number % 3],
        )
    services.make_due_occurrences(household=household)


def pay_some(owner, household):
    due = occurrences_due(household, NOVEMBER.span)[:20]
    services.pay_in_full(actor=owner, household=household, occurrences=due, paid_on=D(2026, 11, 20))


def test_a_paid_row_says_when_and_offers_its_undo(signed_in, owner, household, bill):
    due = [saved_bill(owner, household, name="Water").occurrences.get(scheduled_date=D(2026, 11, 15)),
           bill.occurrences.get(scheduled_date=D(2026, 11, 15))]  # fmt: skip
    splits = [(occurrence, Decimal("100")) for occurrence in due]
    payment = services.record_payment(
        actor=owner, household=household, splits=splits, paid_on=D(2026, 11, 16), currency="USD"
    )
    page = signed_in.get("/tracker/2026/11/").content.decode()
    assert page.count("Paid 16 Nov") == 2
    assert page.count(f'formaction="/bills/payments/undo/?ids={payment.pk}"') == 2
    signed_in.post(f"/bills/payments/undo/?ids={payment.pk}")
    assert "Paid 16 Nov" not in signed_in.get("/tracker/2026/11/").content.decode()


def test_a_row_paid_too_much_says_by_how_much(signed_in, owner, household, bill):
    splits = [(bill.occurrences.get(scheduled_date=D(2026, 11, 15)), Decimal("104.50"))]
    services.record_payment(
        actor=owner, household=household, splits=splits, paid_on=D(2026, 11, 16), currency="USD"
    )
    assert "Overpaid by $4.50" in signed_in.get("/tracker/2026/11/").content.decode()


def test_a_viewer_sees_the_lines_without_buttons(client, household, bill):
    client.force_login(make_member(household, role="viewer").user)
    page = client.get("/tracker/2026/11/").content.decode()
    assert "Rent" in page
    assert "formaction" not in page


def test_bills_are_listed_by_name(signed_in, owner, household, bill):
    saved_bill(owner, household, name="electric")
    names = [bill.name for bill in signed_in.get("/bills/").context["page"]]
    assert names == ["electric", "Rent"]


@pytest.mark.parametrize(("paid", "proposed"), [("100", None), ("40", Decimal("60")), (None, Decimal("100"))])
def test_the_payment_form_proposes_what_is_left(signed_in, owner, household, bill, paid, proposed):
    if paid:
        splits = [(bill.occurrences.get(scheduled_date=D(2026, 11, 15)), Decimal(paid))]
        services.record_payment(
            actor=owner, household=household, splits=splits, paid_on=D(2026, 11, 16), currency="USD"
        )
    assert signed_in.get(due_url(bill)).context["payment_form"]["amount"].initial == proposed


# --- its acts ----------------------------------------------------------------------------------
def test_one_click_pays_what_is_left_and_undo_takes_it_back(signed_in, household, bill):
    answer = signed_in.post(due_url(bill, "occurrence_pay_full"), {"key": "k", "next": "/tracker/2026/11/"})
    assert answer.url == "/tracker/2026/11/"
    payment = Payment.objects.get()
    assert (payment.amount, payment.paid_on, payment.source) == (Decimal("100.00"), D(2026, 11, 21), "manual")
    signed_in.post(undo_of(answer))
    payment.refresh_from_db()
    assert payment.deleted_at is not None
    assert month_tracker(household, NOVEMBER, D(2026, 11, 21)).rows[0].paid == 0


def test_a_part_is_paid_through_the_form_with_a_comma_as_decimal_mark(signed_in, bill):
    data = {"amount": "40,50", "paid_on": "2026-11-20", "method": "Card", "note": "", "key": "k"}
    assert signed_in.post(due_url(bill, "occurrence_pay"), data).status_code == 302
    assert Payment.objects.get().amount == Decimal("40.50")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("amount", "12.34.56", "is not an amount"),
        ("amount", "0", "more than zero"),
        ("amount", "", "required"),
        ("amount", "1.0050", "more decimal places"),
        ("paid_on", "2062-11-20", "more than a year ahead"),
        ("paid_on", "yesterday", "valid date"),
    ],
)
def test_a_form_that_is_wrong_keeps_what_was_typed_and_says_why(signed_in, bill, field, value, words):
    data = {
        "amount": "40",
        "paid_on": "2026-11-20",
        "method": "Card",
        "note": "kept",
        "key": "k",
        field: value,
    }
    page = signed_in.post(due_url(bill, "occurrence_pay"), data)
    assert page.status_code == 422
    assert words in str(page.context["payment_form"].errors[field])
    assert 'value="kept"' in page.content.decode()
    assert not Payment.objects.exists()


def test_all_due_in_a_group_are_paid_at_once_and_undone_at_once(signed_in, owner, household, bill):
    other = saved_bill(owner, household, name="Water", start_date=D(2026, 11, 20))
    page = signed_in.get("/tracker/2026/11/").content.decode()
    marks = re.findall(r'name="due" value="([^"]+)"', page)
    due_now = [f"{bill.pk}:2026-11-15", f"{other.pk}:2026-11-20"]
    assert set(due_now) < set(marks)
    answer = signed_in.post(reverse("bills:pay_due"), {"due": due_now, "key": "k"})
    assert Payment.objects.live().count() == 2
    signed_in.post(undo_of(answer))
    assert Payment.objects.live().count() == 0


def test_marks_of_other_households_and_nonsense_pay_nothing(signed_in, bill):
    signed_in.post(
        reverse("bills:pay_due"), {"due": ["999:2026-11-15", "x", ":", f"{bill.pk}:9999-12-31", "1:"]}
    )
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("act", "data", "state"),
    [
        ("skip", {}, "skipped"),
        ("snooze", {"snoozed_until": "2026-11-30"}, "snoozed"),
        ("autopay_failed", {}, "late"),
    ],
)
def test_skip_snooze_and_failure_are_taken_back_by_their_undo(signed_in, owner, household, act, data, state):
    bill = saved_bill(owner, household, is_autopay=act == "autopay_failed", today=D(2026, 1, 1))
    before = signed_in.get(due_url(bill)).context["row"].standing
    answer = signed_in.post(due_url(bill, f"occurrence_{act}"), data)
    assert signed_in.get(due_url(bill)).context["row"].standing.state == state
    signed_in.post(undo_of(answer))
    assert signed_in.get(due_url(bill)).context["row"].standing == before


def test_a_note_and_another_amount_hold_for_this_time_only(signed_in, bill):
    signed_in.post(due_url(bill, "occurrence_note"), {"about-note": "estimated"})
    signed_in.post(due_url(bill, "occurrence_amount"), {"other-amount": "1,284.00"})
    row = signed_in.get(due_url(bill)).context["row"]
    assert (row.occurrence.note, row.owed) == ("estimated", Decimal("1284.00"))
    assert signed_in.get(due_url(bill, day=D(2026, 12, 15))).context["row"].owed == Decimal("100.00")


def test_one_payment_is_split_over_two_bills_through_the_page(signed_in, owner, household, bill):
    other = saved_bill(owner, household, name="Water", start_date=D(2026, 11, 20))
    data = {
        "paid_on": "2026-11-20", "method": "", "note": "", "key": "k",
        f"part_{bill.pk}_2026-11-15": "100", f"part_{other.pk}_2026-11-20": "20.50",
    }  # fmt: skip
    signed_in.post(reverse("bills:split_payment"), data)
    assert Payment.objects.get().amount == Decimal("120.50")
    data["key"] = "k2"
    assert (
        signed_in.post(reverse("bills:split_payment"), {"paid_on": "2026-11-20", "key": "x"}).status_code
        == 422
    )


def test_going_back_never_leaves_the_site(signed_in, bill):
    for url in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = signed_in.post(due_url(bill, "occurrence_skip"), {"next": url})
        assert answer.url == due_url(bill)


def test_thirteen_months_ahead_are_rows_and_the_next_ones_are_not(household, bill):
    last = bill.occurrences.latest("due_date").due_date
    assert last <= D(2026, 11, 21) + relativedelta(months=13) < last + relativedelta(months=1)
