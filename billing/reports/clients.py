"""Clients with their engagements, fees and statements, as the office looks at them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from billing.models import Client, Contact, Engagement, FeeStep
from billing.models.clients import name_key

SHOWN = ("active", "inactive", "all")


@dataclass(frozen=True, slots=True)
class ClientFilters:
    """What the address of the list asks to see."""

    query: str = ""
    group: str = ""
    show: str = "active"


@dataclass(frozen=True, slots=True)
class EngagementRow:
    """An engagement with the fee in force; of one that has not begun, its first fee."""

    engagement: Engagement
    fee: Decimal | None


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
            Q(name_key__contains=name_key(filters.query))
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
    """Return the client's engagements, running ones first. Two queries."""
    found = client.engagements.prefetch_related("fee_steps").order_by("status", "starts_on", "pk")
    return [EngagementRow(row, fee_in_force(row.fee_steps.all(), today)) for row in found]


def fee_in_force(steps: Iterable[FeeStep], today: dt.date) -> Decimal | None:
    """Return the fee of the day; before the first step begins, that one's. ``steps`` are in order of days."""
    in_order = list(steps)
    begun = [step for step in in_order if step.starts_on <= today] or in_order[:1]
    return begun[-1].amount if begun else None
