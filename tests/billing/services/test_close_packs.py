"""The month-close pack says by itself what the books said at the close, byte for byte the same."""

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile
from collections import defaultdict
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from billing import services, tasks
from billing.models import BooksCheck, Client, ClosePack, OfficeProfile
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from billtracker.core.periods import Month
from tests.factories import make_client, make_draft, make_office, make_office_user, make_payment

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 10, 5, 9, tzinfo=dt.UTC)
SEPTEMBER = Month(2026, 9)
REASON = "Agreed with the accountant"
SKIPPED = {"skipped": ["certificates", "credit", "pdf"], "reason": REASON}


def on(day: int, month: int = 9) -> dt.date:
    return dt.date(2026, month, day)


@pytest.fixture
def admin(time_machine):
    time_machine.move_to(NOW, tick=False)
    office = make_office(requires_second_person=False)
    BooksCheck.objects.create(checked_at=NOW, entry_count=0, counter_count=0)
    assert office.currency == "PHP"
    return make_office_user("Admin")


def issue(admin, client: Client, amount: str, day: dt.date):
    draft = services.submit_statement(actor=admin, statement=make_draft(client, amount, created_by=admin))
    return services.issue_statement(actor=admin, statement=draft, issue_date=day)


def pay(admin, client: Client, amount: str, day: dt.date):
    draft = make_payment(client, amount, state="draft", paid_on=day, by=admin)
    services.post_payment(actor=admin, payment=draft)
    return services.verify_payment(actor=admin, payment=draft)


@pytest.fixture
def books(admin):
    """August with something open, and a September in which everything happened once."""
    peso, yen = make_client(name="=Peso & Sons", terms_days=15), make_client(name="Yen", currency="JPY")
    old, new = issue(admin, peso, "500.00", on(20, 8)), issue(admin, peso, "1000.00", on(2))
    wrong = issue(admin, peso, "77.00", on(3))
    tokyo = issue(admin, yen, "9000", on(4))
    services.void_statement(actor=admin, statement=wrong, reason=REASON, void_date=on(5))
    for month in (8,):
        services.close_period(actor=admin, month=Month(2026, month), **SKIPPED)
    paid, bounced = pay(admin, peso, "900.00", on(6)), pay(admin, peso, "50.00", on(7))
    apply = services.allocate_payment
    apply(actor=admin, payment=paid, statement=old, amount=Decimal(500), effective_on=on(8))
    row = apply(actor=admin, payment=paid, statement=new, amount=Decimal(100), effective_on=on(8))
    services.unapply_allocation(actor=admin, allocation=row, reason=REASON, effective_on=on(9))
    apply(actor=admin, payment=paid, statement=new, amount=Decimal("250.50"), effective_on=on(9))
    services.void_payment(actor=admin, payment=bounced, cause="bounced", reason=REASON, void_date=on(10))
    services.refund_credit(
        actor=admin, payment=paid, amount=Decimal("9.50"), reason=REASON, refunded_on=on(11)
    )
    OfficeProfile.objects.update(rounding_step=100)
    for kind, amount in (
        ("withholding", "20"),
        ("bank_charge", "3"),
        ("rounding", "0.5"),
        ("write_off", "1"),
    ):
        services.settle_statement(
            actor=admin, statement=new, kind=kind, amount=Decimal(amount), settled_on=on(12), reason=REASON
        )
    services.issue_credit_note(
        actor=admin, statement=tokyo, amount=Decimal(1000), reason=REASON, issue_date=on(13)
    )
    return peso


def closed(admin) -> ClosePack:
    period = services.close_period(actor=admin, month=SEPTEMBER, **SKIPPED)
    tasks.make_close_pack(period.packs.get().pk)
    return period.packs.get()


def opened(pack: ClosePack) -> zipfile.ZipFile:
    with services.open_pack(pack) as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def table(archive: zipfile.ZipFile, name: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode("utf-8-sig"))))


def recomputed(archive: zipfile.ZipFile) -> dict:
    """Return the control totals from the tables alone."""
    found: dict = defaultdict(lambda: defaultdict(Decimal))
    of_month = "2026-09-"

    def add(name: str, row: dict, amount: str = "amount", sign: int = 1):
        found[row["currency"]][name] += sign * Decimal(row[amount])

    for row in table(archive, "register"):
        add("issued", row, "total")
    for row in table(archive, "statements"):
        add("outstanding", row, "outstanding")
        if row["void on"].startswith(of_month):
            add("voided", row, "total")
    for row in table(archive, "payments"):
        add("credit", row, "credit")
        for name, day in (("received", "paid on"), ("payments_voided", "void on")):
            if row[day].startswith(of_month):
                add(name, row)
    names = {"payment": "applied", "credit_note": "credited"}
    for row in table(archive, "allocations"):
        add(names.get(row["kind"], row["kind"]), row)
    for row in table(archive, "refunds"):
        if row["refunded on"].startswith(of_month):
            add("refunded", row)
        if row["void on"].startswith(of_month):
            add("refunded", row, sign=-1)
    return found


def test_the_totals_follow_from_the_tables_alone(admin, books):
    archive = opened(closed(admin))
    kept, found = json.loads(archive.read("control-totals.json"))["currencies"], recomputed(archive)
    assert kept["PHP"]["issued"] == "1077.00"
    assert kept["PHP"]["outstanding"] == "725.00"
    assert kept["PHP"]["credit"] == "140.00"
    assert kept["JPY"]["credited"] == "1000"
    for currency, sums in kept.items():
        assert {name: Decimal(amount) for name, amount in sums.items()} == {
            name: found[currency][name] for name in sums
        }
    owed = defaultdict(Decimal)
    for row in table(archive, "aging"):
        owed[row["currency"]] += Decimal(row["outstanding"])
    for row in table(archive, "balances"):
        assert Decimal(row["opening"]) + Decimal(row["change"]) == Decimal(row["closing"])
        owed[row["currency"]] -= Decimal(row["closing"])
    assert set(owed.values()) == {Decimal(0)}


def test_every_file_has_its_checksum_and_the_pack_its_own(admin, books):
    pack = closed(admin)
    archive = opened(pack)
    sums = dict(line.split("  ")[::-1] for line in archive.read("SHA256SUMS").decode().splitlines())
    assert set(sums) == set(archive.namelist()) - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest
    with default_storage.open(pack.path) as file:
        assert hashlib.sha256(file.read()).hexdigest() == pack.sha256
    entry = AuditEntry.objects.get(action="period.pack_made", target_id=str(pack.pk))
    assert entry.changes["sha256"] == [None, pack.sha256]


def test_the_same_books_give_the_same_bytes_also_after_later_months(admin, books, time_machine):
    first = closed(admin)
    time_machine.move_to(NOW + dt.timedelta(days=40), tick=False)
    late = pay(admin, books, "600.00", on(1, 11))
    new = books.statements.get(total=Decimal("1000.00"))
    services.allocate_payment(actor=admin, payment=late, statement=new, amount=Decimal("600.00"))
    again = services.request_pack(actor=admin, period=first.period)
    tasks.make_close_pack(again.pk)
    again.refresh_from_db()
    assert (again.pk != first.pk, again.sha256) == (True, first.sha256)


def test_names_that_a_spreadsheet_would_run_are_disarmed(admin, books):
    assert table(opened(closed(admin)), "aging")[0]["client"] == "'=Peso & Sons"


def test_the_audit_extract_goes_from_the_months_first_day_to_the_close(admin, books):
    pack = closed(admin)
    rows = table(opened(pack), "audit")
    positions = [int(row["entry"]) for row in rows]
    assert positions == list(range(positions[0], pack.position + 1))
    assert "statement.issued" in {row["action"] for row in rows}


def test_a_month_that_was_opened_again_gets_no_pack(admin, books):
    period = services.close_period(actor=admin, month=SEPTEMBER, **SKIPPED)
    pack = period.packs.get()
    services.reopen_period(actor=admin, month=SEPTEMBER, reason=REASON)
    assert tasks.make_close_pack(pack.pk) == "The month was opened again meanwhile; its pack is not made."
    pack.refresh_from_db()
    assert pack.state == "failed"
    with pytest.raises(DomainError, match="Only a closed month"):
        services.request_pack(actor=admin, period=period)


def test_a_stored_pack_that_was_changed_is_not_handed_out(admin, books):
    pack = closed(admin)
    default_storage.delete(pack.path)
    with pytest.raises(DomainError, match="is missing"):
        services.open_pack(pack)
    default_storage.save(pack.path, ContentFile(b"other"))
    with pytest.raises(DomainError, match="checksum differs"):
        services.open_pack(pack)
