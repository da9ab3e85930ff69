"""JSON API: the office's reports, each as of a day or for a span."""

import datetime as dt
from dataclasses import replace

from django.shortcuts import get_object_or_404
from ninja import Query, Router

from billing.access import OfficeRequest
from billing.api.access import READERS, Page
from billing.api.schemas import reports as schemas
from billing.api.schemas.payments import Method
from billing.models import Client, Counter
from billing.reports import aging, open_items, register
from billing.reports.collections import collections_table
from billing.reports.ledger import ledger
from billing.reports.office import office_profile
from billing.reports.retainer_cycle import found_in, parse_month
from billing.reports.tables import ReportQuestion, Table
from billtracker.core.exceptions import DomainError
from billtracker.core.money import to_text
from billtracker.core.money.currencies import MINOR_UNITS
from billtracker.core.periods import Month, today
from billtracker.core.web.api import BadInput, Day, Id, PageIn, Word, give, page_of

router = Router()
From = Query(..., alias="from")
To = Query(..., alias="to", description="Included.")


@router.get("/reports/aging/", response=give(schemas.AgingOut), auth=READERS)
def get_aging(
    request: OfficeRequest, page: PageIn = Page, as_of: Day | None = None, client: Id | None = None
):
    """Give what each client owes by how late it is, and its unapplied credit, as of the end of a day."""
    day = as_of or today(office_profile().time_zone)
    rows = aging.aging(day, client_id=client)
    totals = [schemas.show_sums(row) for row in aging.totals(rows)]
    return page_of(rows, page, schemas.show_aging) | {"as_of": day, "totals": totals}


@router.get("/reports/ledger/", response=give(schemas.LedgerOut), auth=READERS)
def get_ledger(
    request: OfficeRequest,
    client: Id,
    start: Day = From,
    end: Day = To,
    currency: Word = "",
    page: PageIn = Page,
):
    """Give a client's account: opening balance, movements in date order, closing balance."""
    if end < start:
        raise BadInput("The last day is not before the first.", "to")
    owner = get_object_or_404(Client, pk=client)
    code = _currency_of(owner, currency)
    book = ledger(owner, code, start, end)
    facts = {"client": owner.pk, "currency": code, "first_day": start, "last_day": end}
    facts |= {"opening": to_text(book.opening, code), "closing": to_text(book.closing, code)}
    return page_of(list(book.entries), page, lambda entry: schemas.show_entry(entry, code)) | facts


def _currency_of(client: Client, asked: str) -> str:
    """Return the currency asked for, the client's own when none is; BadInput for what is none."""
    if not asked:
        return client.currency
    if asked not in MINOR_UNITS:
        raise BadInput(f"{asked[:10]!r} is not a currency code such as USD or EUR.", "currency")
    return asked


@router.get("/reports/register/", response=give(schemas.RegisterOut), auth=READERS)
def get_register(request: OfficeRequest, year: int, sequence: Word = "SOA", page: PageIn = Page):
    """Give every number of a sequence in a year with its document, and whether one is missing."""
    counters = Counter.objects.select_related("sequence")
    if not 0 <= year <= 9999:
        raise BadInput("There is no such year.", "year")
    counter = get_object_or_404(counters, sequence__code=sequence, year=year)
    check = register.check_counter(counter)
    rows = register.register(counter.sequence, year)
    facts = {"sequence": sequence, "year": year, "check": check.sentence, "is_whole": check.is_whole}
    return page_of(rows, page, schemas.show_number) | facts


@router.get("/reports/coverage/", response=give(schemas.CoverageOut), auth=READERS)
def get_coverage(request: OfficeRequest, month: Word, page: PageIn = Page):
    """Give who is billed for a month such as 2026-11, who is not, and why."""
    try:
        asked = parse_month(month)
    except DomainError as error:
        raise BadInput(error.sentence, "month") from None
    return page_of(list(found_in(asked)), page, schemas.show_coverage) | {"month": str(asked)}


# --- reports that are tables ---------------------------------------------------------------------
@router.get("/reports/open/", response=give(schemas.TableOut), auth=READERS)
def get_open(request: OfficeRequest, page: PageIn = Page, as_of: Day | None = None, client: Id | None = None):
    """Give every statement that owed something at the end of a day."""
    return _show_table(open_items.open_table(_question(as_of, client)), page)


@router.get("/reports/credit/", response=give(schemas.TableOut), auth=READERS)
def get_credit(
    request: OfficeRequest, page: PageIn = Page, as_of: Day | None = None, client: Id | None = None
):
    """Give the payments of which something was neither applied nor refunded at the end of a day."""
    return _show_table(open_items.credit_table(_question(as_of, client)), page)


@router.get("/reports/withholding/", response=give(schemas.TableOut), auth=READERS)
def get_withholding(request: OfficeRequest, page: PageIn = Page, as_of: Day | None = None):
    """Give tax that clients withheld and whose certificate had not come by the end of a day."""
    return _show_table(open_items.withholding_table(_question(as_of)), page)


@router.get("/reports/collections/", response=give(schemas.TableOut), auth=READERS)
def get_collections(
    request: OfficeRequest,
    start: Day = From,
    end: Day = To,
    page: PageIn = Page,
    client: Id | None = None,
    method: Method | None = None,
):
    """Give the money that came in by day and method with each manual number; voids with a minus."""
    if end < start:
        raise BadInput("The last day is not before the first.", "to")
    asked = replace(_question(end, client), first=start, last=end, method=method or "")
    return _show_table(collections_table(asked), page)


def _question(as_of: dt.date | None, client: int | None = None) -> ReportQuestion:
    """Return what a report as of a day is asked: today's, when none is given."""
    now = today(office_profile().time_zone)
    day = as_of or now
    return ReportQuestion(as_of=day, first=day, last=day, month=Month.of(day), today=now, client=client)


def _show_table(table: Table, page: PageIn) -> dict:
    rows = page_of(list(table.rows), page, lambda row: schemas.show_row(row, table.columns))
    totals = [schemas.show_row(row, table.columns) for row in table.totals]
    names = [column.key for column in table.columns]
    return rows | {"columns": names, "totals": totals, "notes": list(table.notes)}
