"""Reports: each with its day or span in the address, as a page, as CSV and as a workbook."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from billing.access import OfficeRequest, require_office
from billing.forms.statements import number_of
from billing.models import Client, Payment
from billing.reports import collections, open_items, spans
from billing.reports.aging import BUCKETS
from billing.reports.office import office_profile
from billing.reports.retainer_cycle import parse_month
from billing.reports.tables import Link, ReportQuestion, ReportRow, Table
from billing.rules.policy import Permission
from billtracker.core.exceptions import DomainError
from billtracker.core.money import to_places
from billtracker.core.money.currencies import MINOR_UNITS
from billtracker.core.periods import Month, day_in, today
from billtracker.core.web.charts import stacked_bar
from billtracker.core.web.exports import Row, csv_response, xlsx_response
from billtracker.core.web.pages import paginate

PAGE = 50


@dataclass(frozen=True, slots=True)
class Report:
    """One report: how it is called, what it says, what it asks for (a day, a span, a month)."""

    title: str | Promise
    words: str | Promise
    asks: str
    table: Callable[[ReportQuestion], Table]


REPORTS = {
    "aging": Report(_("Aging"), _("What each client owes by how late it is, and its unapplied credit."),
                    "day", open_items.aging_table),
    "open": Report(_("Open statements"), _("Every statement that owed something on the day."), "day",
                   open_items.open_table),
    "credit": Report(_("Unapplied credit"), _("Payments of which something is neither applied nor refunded."),
                     "day", open_items.credit_table),
    "withholding": Report(_("Certificates pending"), _("Tax that clients withheld without its certificate."),
                          "day", open_items.withholding_table),
    "collections": Report(_("Collections"), _("Money that came in by day and method, with manual numbers."),
                          "span", collections.collections_table),
    "register": Report(_("Statement register"), _("Every number issued in the span, voids and gaps."),
                       "span", spans.register_table),
    "ledger": Report(_("Client ledger"), _("Every event that changed what a client owes, with balances."),
                     "span", spans.ledger_table),
    "coverage": Report(_("Retainer coverage"), _("Who was not billed for a month, and why."), "month",
                       spans.coverage_table),
}  # fmt: skip


@require_safe
@require_office()
def report_list(request: OfficeRequest) -> HttpResponse:
    """Show which reports there are."""
    context = {"reports": REPORTS.items(), "may_read_audit": Permission.READ_AUDIT in request.permissions}
    return render(request, "billing/report_list.html", context)


# --- what is asked -----------------------------------------------------------------------------
def question_of(request: OfficeRequest) -> ReportQuestion:
    """Read the address; what is no answer to a report's question is left out."""
    asked, now = request.GET, today(office_profile().time_zone)
    last = day_in(asked.get("to", "")) or now
    first = day_in(asked.get("from", "")) or last.replace(day=1)
    bucket, currency = asked.get("bucket", ""), asked.get("currency", "")
    return ReportQuestion(
        as_of=day_in(asked.get("as_of", "")) or now,
        first=min(first, last),
        last=last,
        month=_month_asked(asked.get("month", "")) or Month.of(now),
        today=now,
        client=number_of(asked.get("client", ""), 18),
        currency=currency if currency in MINOR_UNITS else "",
        bucket=BUCKETS.index(BUCKETS[int(bucket)]) if bucket in {"0", "1", "2", "3", "4"} else None,
        method=asked.get("method", "") if asked.get("method", "") in Payment.Method.values else "",
    )


def _month_asked(text: str) -> Month | None:
    try:
        return parse_month(text)
    except DomainError:
        return None


def _report_or_404(name: str) -> Report:
    if name not in REPORTS:
        raise Http404
    return REPORTS[name]


# --- a report ----------------------------------------------------------------------------------
@require_safe
@require_office()
def report(request: OfficeRequest, name: str) -> HttpResponse:
    """Show a report; each figure leads to the rows behind it."""
    found, question = _report_or_404(name), question_of(request)
    table = found.table(question)
    page = paginate(request, table.rows, PAGE)
    context = {
        "name": name, "report": found, "question": question, "table": table, "page_obj": page,
        "rows": [_render_row(row, table) for row in page],
        "totals": [_render_row(row, table) for row in table.totals],
        "bars": bars(table) if name == "aging" else [], "methods": Payment.Method.choices,
        "client": Client.objects.filter(pk=question.client).first() if question.client else None,
        "bucket": BUCKETS[question.bucket] if question.bucket is not None else "",
    }  # fmt: skip
    return render(request, "billing/report.html", context)


def _render_row(row: ReportRow, table: Table) -> dict:
    """Return a row as the page shows it: each cell with its column, how it is written and where it leads."""
    cells = [
        {
            "column": column,
            "value": value,
            "url": address(row.links[column.key]) if column.key in row.links else "",
            "has_value": value not in (None, ""),
            "is_amount": isinstance(value, Decimal),
            "is_day": isinstance(value, dt.date),
        }
        for column, value in zip(table.columns, row.values(table.columns), strict=True)
    ]
    return {"head": cells[0], "cells": cells[1:], "currency": row.currency, "is_gone": row.is_gone}


def address(link: Link) -> str:
    """Return where the link leads; empty where this server has no such page."""
    try:
        url = reverse(link.page, args=link.args)
    except NoReverseMatch:
        return ""
    return f"{url}?{urlencode(link.query)}" if link.query else url


def bars(table: Table) -> list[dict]:
    """Return a stacked bar for each currency's total; each part opens its statements."""
    drawn, keys = [], open_items.BUCKET_KEYS
    for total in table.totals:
        amounts = [value for key in keys if isinstance(value := total.cells[key], Decimal)]
        parts = stacked_bar(list(zip(BUCKETS, amounts, strict=True)))
        named = [(part, address(total.links[keys[part.place]])) for part in parts]
        drawn.append({"currency": total.currency, "parts": named})
    return drawn


# --- files -------------------------------------------------------------------------------------
@require_safe
@require_office()
def report_csv(request: OfficeRequest, name: str) -> HttpResponse:
    """Give every row of the report as CSV."""
    table = _report_or_404(name).table(question_of(request))
    return csv_response(f"{name}.csv", _header(table), _rows_of(table))


@require_safe
@require_office()
def report_xlsx(request: OfficeRequest, name: str) -> HttpResponse:
    """Give every row of the report as a workbook."""
    table = _report_or_404(name).table(question_of(request))
    return xlsx_response(f"{name}.xlsx", _header(table), _rows_of(table))


def _header(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _rows_of(table: Table) -> Iterator[Row]:
    """Yield the rows and the totals, amounts with the places of their currency."""
    for row in (*table.rows, *table.totals):
        yield {
            column.name: to_places(value, row.currency) if isinstance(value, Decimal) else value
            for column in table.columns
            if (value := row.cells.get(column.key, "")) != ""
        }
