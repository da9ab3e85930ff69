"""Clients with their engagements, fees and statements, as the office looks at them."""

import datetime as dt
from collections.abc import Container, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from billing.models import Client, Contact, Engagement, FeeStep
from billing.reports.retainer_cycle import billed_periods
from billing.rules import retainer_cycle
from billtracker.core.money import MoneyError
from billtracker.core.periods import Month
from billtracker.core.text import comparison_key

SHOWN = ("active", "inactive", "all")
MONTHS_AHEAD = 24


@dataclass(frozen=True, slots=True)
class ClientFilters:
    """What the address of the list asks to see."""

    query: str = ""
    group: str = ""
    show: str = "active"


@dataclass(frozen=True, slots=True)
class EngagementRow:
    """An engagement with the fee in force and the month of the next period that the cycle bills."""

    engagement: Engagement
    fee: Decimal | None
    next_month: Month | None


def clients_shown(filters: ClientFilters) -> QuerySet[Client]:
    """Return the clients that fit, each with its number of active engagements as ``active_count``."""
    clients = Client.objects.all()
    if filters.show != "all":
        clients = clients.filter(is_active=filters.show != "inactive")
    if filters.group:
        clients = clients.filter(group=filters.group)
    if filters.query:
        by_mail = Contact.objects.filter(client=OuterRef("pk"), email__icontains=filters.query)
        clients = clients.filter(
            Q(name_key__contains=comparison_key(filters.query))
            | Q(tax_number__icontains=filters.query)
            | Exists(by_mail)
        )
    active = Count("engagements", filter=Q(engagements__status=Engagement.Status.ACTIVE))
    return clients.annotate(active_count=active).order_by("name_key", "pk")


def client_groups() -> list[str]:
    """Return the groups in use, in order."""
    groups = Client.objects.exclude(group="").order_by("group").values_list("group", flat=True)
    return list(groups.distinct())


def engagement_rows(client: Client, today: dt.date) -> list[EngagementRow]:
    """Return the client's engagements, running ones first. Three queries."""
    found = list(client.engagements.prefetch_related("fee_steps").order_by("status", "starts_on", "pk"))
    return rows_of(client, found, today)


def rows_of(client: Client, engagements: list[Engagement], today: dt.date) -> list[EngagementRow]:
    """Return these engagements of a client with their fee and next month; one query and the fee steps."""
    billed = billed_periods([engagement.pk for engagement in engagements])
    rows = []
    for engagement in engagements:
        engagement.client = client
        steps = sorted(engagement.fee_steps.all(), key=lambda step: step.starts_on)
        month = _next_month(engagement, steps, billed[engagement.pk], today)
        rows.append(EngagementRow(engagement, _fee_in_force(steps, today), month))
    return rows


def _next_month(
    engagement: Engagement, steps: Iterable[FeeStep], billed: Container[dt.date | None], today: dt.date
) -> Month | None:
    """Return the first month from today's on whose period the cycle bills and no statement does yet."""
    if engagement.kind != Engagement.Kind.RETAINER:
        return None
    fees = [(step.starts_on, step.amount) for step in steps]
    terms, month = _terms_of(engagement), max(Month.of(today), Month.of(engagement.starts_on))
    for _ in range(MONTHS_AHEAD):
        try:
            plan = retainer_cycle.plan(terms, fees, month)
        except MoneyError:
            return None
        if isinstance(plan, retainer_cycle.PlannedStatement) and month.first_day not in billed:
            return month
        month = month.next
    return None


def _terms_of(engagement: Engagement) -> retainer_cycle.Terms:
    """Return what of an engagement decides about its billing."""
    client = engagement.client
    return retainer_cycle.Terms(
        title=engagement.title,
        starts_on=engagement.starts_on,
        ends_on=engagement.ends_on,
        status=engagement.status,
        interval_months=engagement.interval_months,
        billing_day=engagement.billing_day,
        timing=engagement.timing,
        partial_periods=engagement.partial_periods,
        currency=client.currency,
        is_client_active=client.is_active,
    )


def _fee_in_force(steps: Iterable[FeeStep], today: dt.date) -> Decimal | None:
    """Return the fee of the day; before the first step begins, that one's. ``steps`` are in order of days."""
    in_order = list(steps)
    begun = [step for step in in_order if step.starts_on <= today] or in_order[:1]
    return begun[-1].amount if begun else None
