"""What is measured. Each entry fills the database it needs and returns its pair, or several."""

import datetime as dt

from django.db import connection
from django.http import HttpResponse
from django.template import engines
from django.test import Client, RequestFactory
from django.utils import timezone

from benchmarks.backups import backup, restore_drill
from benchmarks.cycle import retainer_cycle, retainer_cycle_again, retainer_cycle_memory
from benchmarks.postgres_dump import postgres_dump
from benchmarks.runner import Pair
from benchmarks.statements import soa_batch, soa_pdf
from bills import services
from bills.models import Bill, Occurrence
from billtracker.core import audit
from tests.factories import make_bill, make_category, make_household, make_user

TODAY = dt.date(2026, 11, 15)
BARE_ROWS = (
    "<table>{% for row in rows %}<tr><td>{{ row.0 }}<td>{{ row.1 }}<td>{{ row.2 }}</tr>{% endfor %}</table>"
)


def insert_rows(table: str, columns: list[str], rows: list[tuple]) -> None:
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def audit_entry() -> Pair:
    """Ten audited changes against ten bare inserts into the same table."""
    household, user = make_household(), make_user()
    sample = {
        "scope": "bare", "at": timezone.now(), "actor_id": user.pk, "actor_name": user.username,
        "action": "bill.changed", "target_type": "bills.bill", "target_id": "1", "target_name": "Rent",
        "changes": "{}", "reason": "", "source": "", "request_id": "", "hash": "0" * 64,
    }  # fmt: skip

    def floor():
        for position in range(1, 11):
            insert_rows("core_auditentry", [*sample, "position"], [(*sample.values(), position)])

    def own():
        for _ in range(10):
            audit.record(user, "bill.changed", household, {"amount": ["1.00", "2.00"]})

    return Pair("audit-entry", floor, own)


def occurrence_maker() -> Pair:
    """13 months of occurrences of 200 monthly bills against raw inserts of the same rows."""
    household = make_household()
    for number in range(200):
        make_bill(household, start_date=TODAY.replace(day=1 + number % 28))

    def own():
        return services.make_due_occurrences(household=household, today=TODAY)

    rows, columns = rows_made_by(own)

    def floor():
        insert_rows(Occurrence._meta.db_table, columns, rows)

    return Pair("occurrence-maker", floor, own, rounds=7)


def rows_made_by(work) -> tuple[list[tuple], list[str]]:
    """Return the occurrences that ``work`` makes, as the database stores them, and their columns."""
    from benchmarks.runner import undone

    columns = [field.column for field in Occurrence._meta.concrete_fields if not field.primary_key]
    with undone(), connection.cursor() as cursor:
        work()
        cursor.execute(f"SELECT {', '.join(columns)} FROM {Occurrence._meta.db_table}")
        return cursor.fetchall(), columns


def tracker_page() -> Pair:
    """The month tracker of 40 bills against a bare Django view and table of as many rows."""
    user = make_user()
    household = make_household(user, time_zone="UTC")
    category = make_category(household)
    for number in range(40):
        make_bill(household, category=category, start_date=dt.date(2026, 11, 1 + number % 28))
    services.make_due_occurrences(household=household, today=TODAY)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    template = engines["django"].from_string(BARE_ROWS)
    request = RequestFactory().get("/")

    def floor():
        rows = Bill.objects.filter(household=household).values_list("name", "expected_amount", "start_date")
        return HttpResponse(template.render({"rows": list(rows)}, request))

    def own():
        answer = client.get("/tracker/2026/11/")
        if answer.status_code != 200:
            raise RuntimeError(f"The tracker answered {answer.status_code}.")

    return Pair("tracker-page", floor, own)


PAYMENTS = """
    INSERT INTO bills_payment (household_id, amount, currency, paid_on, method, note, source, recorded_at)
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)
    SELECT %s, 100 * n, 'USD', %s, '', '', 'manual', %s FROM numbers
"""


def status_page() -> Pair:
    """Status over a million payments against the same page over a thousand: no more work."""
    administrator, household = make_user(is_superuser=True, is_staff=True), make_household()
    client = Client(SERVER_NAME="localhost")
    client.force_login(administrator)

    def add_payments(count: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(PAYMENTS, [count, household.pk, TODAY, timezone.now()])

    def page():
        answer = client.get("/admin/status/")
        if answer.status_code != 200:
            raise RuntimeError(f"Status answered {answer.status_code}.")

    add_payments(1_000)
    return Pair("status-page", page, page, between=lambda: add_payments(999_000))


ENTRIES = {
    "audit-entry": audit_entry,
    "occurrence-maker": occurrence_maker,
    "tracker-page": tracker_page,
    "status-page": status_page,
    "retainer-cycle": retainer_cycle,
    "retainer-cycle-again": retainer_cycle_again,
    "retainer-cycle-memory": retainer_cycle_memory,
    "soa-pdf": soa_pdf,
    "soa-batch": soa_batch,
    "backup": backup,
    "restore-drill": restore_drill,
    "postgres-dump": postgres_dump,
}
