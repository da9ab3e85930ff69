"""The shapes of engagements and their fees in the API."""

import datetime as dt
from typing import Literal

from ninja import Field, Schema

from billing.api.schemas.clients import ClientRef, show_ref
from billing.models import Engagement
from billtracker.core.money import to_text
from billtracker.core.web.api import AmountText, Day, Id, InSchema

EngagementKind = Literal["retainer", "special"]
EngagementStatus = Literal["active", "suspended", "ended"]
Interval = Literal[1, 2, 3, 6, 12]
Timing = Literal["advance", "arrears"]
PartialPeriods = Literal["full", "prorated", "skip"]


class EngagementFields(InSchema):
    """What is said about an engagement, whether new or not."""

    title: str = Field(min_length=1, max_length=160)
    kind: EngagementKind = "retainer"
    starts_on: Day
    ends_on: Day | None = Field(None, description="The last day; null: open.")
    interval_months: Interval = Field(1, description="Counted from the month of the first day.")
    billing_day: int = Field(1, ge=1, le=31, description="29 to 31 fall on a shorter month's last day.")
    timing: Timing = "advance"
    partial_periods: PartialPeriods = "full"
    description: str = Field("", max_length=300, description="Of its line; {period} becomes the period.")


class EngagementIn(EngagementFields):
    """An engagement to add; a retainer comes with its first fee."""

    client: Id
    fee: AmountText | None = Field(None, description="For one period, from the first day on.")


class EngagementPatch(EngagementFields):
    """Fields of an engagement to change; what is left out stays."""

    title: str | None = Field(None, min_length=1, max_length=160)  # type: ignore[assignment]  # a patch may leave it out
    starts_on: Day | None = None  # type: ignore[assignment]  # a patch may leave it out


class EngagementEnd(InSchema):
    """The last day; ``is_final`` bills not even open periods before it."""

    last_day: Day
    is_final: bool = False


class FeeIn(InSchema):
    """A fee that counts from a day on."""

    starts_on: Day
    amount: AmountText


class FeeOut(Schema):
    id: int
    starts_on: dt.date
    amount: str
    currency: str


class EngagementOut(Schema):
    id: int
    client: ClientRef
    title: str
    kind: EngagementKind
    status: EngagementStatus
    starts_on: dt.date
    ends_on: dt.date | None
    interval_months: Interval
    billing_day: int
    timing: Timing
    partial_periods: PartialPeriods
    description: str
    fees: list[FeeOut]


def show_engagement(engagement: Engagement) -> dict:
    """Give an engagement with its client and prefetched fees, the earliest first."""
    currency = engagement.client.currency
    steps = sorted(engagement.fee_steps.all(), key=lambda step: step.starts_on)
    fields = {name: getattr(engagement, name) for name in EngagementOut.model_fields if name != "fees"}
    return fields | {
        "client": show_ref(engagement.client),
        "fees": [
            {"id": step.pk, "starts_on": step.starts_on, "amount": to_text(step.amount, currency),
             "currency": currency}
            for step in steps
        ],
    }  # fmt: skip
