"""Reports: each with its day or span in the address, as a page, as CSV and as a workbook."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from billing.access import office_door
from billing.models import Client, Payment
from billing.policy import Act
from billing.reports import collections, open_items, spans
from billing.reports.aging import BUCKETS
from billing.reports.cycle import parse_month
from billing.reports.office import office_profile
from billing.reports.tables import Link, Question, Row, Table
from billing.statement_forms import day_of, number_of
from billtracker.core.charts import stacked_bar
from billtracker.core.currencies import MINOR_UNITS
from billtracker.core.exceptions import DomainError
from billtracker.core.exports import csv_response, xlsx_response
from billtracker.core.money import exact
from billtracker.core.periods import Month, today

PAGE = 50


@dataclass(frozen=True, slots=True)
class Report:
    """One report: how it is called, what it says, what it asks for (a day, a span, a month)."""

    title: str | Promise
    words: str | Promise
    asks: str
    table: Callable[[Question], Table]


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
@office_door()
def report_list(request: HttpRequest) -> HttpResponse:
    """Show which reports there are."""
    context = {"reports": REPORTS.items(), "may_read_audit": Act.READ_AUDIT in request.acts}
    return render(request, "billing/report_list.html", context)


# --- what is asked -----------------------------------------------------------------------------
def question_of(request: HttpRequest) -> Question:
    """Read the address; what is no answer to a report's question is left out."""
    asked, now = request.GET, today(office_profile().time_zone)
    last = day_of(asked.get("to", "")) or now
    first = day_of(asked.get("from", "")) or last.replace(day=1)
    bucket, currency = asked.get("bucket", ""), asked.get("currency", "")
    return Question(
        as_of=day_of(asked.get("as_of", "")) or now,
        first=min(first, last),
        last=last,
        month=month_asked(asked.get("month", "")) or Month.of(now),
        today=now,
        client=number_of(asked.get("client", ""), 18),
        currency=currency if currency in MINOR_UNITS else "",
        bucket=BUCKETS.index(BUCKETS[int(bucket)]) if bucket in {"0", "1", "2", "3", "4"} else None,
        method=asked.get("method", "") if asked.get("method", "") in Payment.Method.values else "",
    )


def month_asked(text: str) -> Month | None:
    try:
        return parse_month(text)
    except DomainError:
        return None


def report_or_404(name: str) -> Report:
    if name not in REPORTS:
        raise Http404
    return REPORTS[name]


# --- a report ----------------------------------------------------------------------------------
@require_safe
@office_door()
def report(request: HttpRequest, name: str) -> HttpResponse:
    """Show a report; each figure leads to the rows behind it."""
    found, question = report_or_404(name), question_of(request)
    table = found.table(question)
    page = Paginator(table.rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "name": name, "report": found, "question": question, "table": table, "page_obj": page,
        "rows": [shown(row, table) for row in page], "totals": [shown(row, table) for row in table.totals],
        "bars": bars(table) if name == "aging" else [], "methods": Payment.Method.choices,
        "client": Client.objects.filter(pk=question.client).first() if question.client else None,
        "bucket": BUCKETS[question.bucket] if question.bucket is not None else "",
    }  # fmt: skip
    return render(request, "billing/report.html", context)


def shown(row: Row, table: Table) -> dict:
    """Return a row as the page shows it: each cell with its column, how it is written and where it leads."""
    cells = [
        {"column": column, "value": value, "url": address(row.links[place]) if place in row.links else "",
         "has_value": value not in (None, ""), "is_amount": isinstance(value, Decimal),
         "is_day": isinstance(value, dt.date)}
        for place, (column, value) in enumerate(zip(table.columns, row.cells, strict=True))
    ]  # fmt: skip
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
    drawn, first = [], open_items.FIRST_BUCKET
    for total in table.totals:
        amounts = [value for value in total.cells[first : first + len(BUCKETS)] if isinstance(value, Decimal)]
        parts = stacked_bar(list(zip(BUCKETS, amounts, strict=True)))
        named = [(part, address(total.links[first + part.place])) for part in parts]
        drawn.append({"currency": total.currency, "parts": named})
    return drawn


# --- files -------------------------------------------------------------------------------------
@require_safe
@office_door()
def report_csv(request: HttpRequest, name: str) -> HttpResponse:
    """Give every row of the report as CSV."""
    table = report_or_404(name).table(question_of(request))
    return csv_response(f"{name}.csv", header(table), cells_of(table))


@require_safe
@office_door()
def report_xlsx(request: HttpRequest, name: str) -> HttpResponse:
    """Give every row of the report as a workbook."""
    table = report_or_404(name).table(question_of(request))
    return xlsx_response(f"{name}.xlsx", header(table), cells_of(table))


def header(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def cells_of(table: Table) -> Iterator[tuple]:
    """Yield the rows and the totals, amounts with the places of their currency."""
    for row in (*table.rows, *table.totals):
        yield tuple(
            exact(value, row.currency) if isinstance(value, Decimal) else value for value in row.cells
        )
