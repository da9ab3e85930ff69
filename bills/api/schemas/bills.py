"""Bills in the API: what comes in, what is shown."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from bills.api.schemas.categories import CategoryOut, show_category
from bills.models import Bill
from bills.reports.schedule_edits import SchedulePreview
from billtracker.core.money import to_text
from billtracker.core.web.api import AmountText, Day, Id, InSchema

Unit = Literal["week", "month", "year", "twice_a_month", "once"]
Shift = Literal["none", "before", "after"]
Past = Literal["keep", "follow"]
DayOfMonth = Field(None, ge=1, le=31)
PercentText = Annotated[str, StringConstraints(pattern=r"^\d{1,3}(\.\d{1,3})?$")]


class BillIn(InSchema):
    """A bill to create; what is left out takes the default."""

    name: str = Field(min_length=1, max_length=120)
    category: Id | None = None
    amount: AmountText
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", description="The household's, if left out.")
    unit: Unit = "month"
    interval: int = Field(1, ge=1, le=100)
    start_date: Day
    due_day: int | None = DayOfMonth
    second_due_day: int | None = DayOfMonth
    end_date: Day | None = None
    instalments: int | None = Field(None, ge=1, le=1200)
    weekend_shift: Shift = "none"
    tracked_from: Day | None = Field(None, description="This month's first day, if left out.")
    is_active: bool = True
    is_autopay: bool = False
    is_subscription: bool = False
    is_variable: bool = False
    reminder_lead_days: str = Field("", max_length=40, description="7, 1; none; off; empty: the household's.")
    notes: str = Field("", max_length=4000)
    website: str = Field("", max_length=300, pattern=r"^(https?://\S+)?$")
    account_reference: str = Field("", max_length=80)
    user_name_hint: str = Field("", max_length=80, description="The login at the provider.")
    debt_balance: AmountText | None = None
    debt_apr: PercentText | None = Field(None, description="Interest a year, in percent.")
    debt_minimum_payment: AmountText | None = None


class BillPatch(BillIn):
    """Fields of a bill to change; what is left out stays."""

    name: str | None = Field(None, min_length=1, max_length=120)  # type: ignore[assignment]  # a patch may leave it out
    amount: AmountText | None = None  # type: ignore[assignment]  # a patch may leave it out
    start_date: Day | None = None  # type: ignore[assignment]  # a patch may leave it out


class BillOut(Schema):
    id: int
    household: int
    name: str
    category: CategoryOut | None
    amount: str
    currency: str
    unit: Unit
    interval: int
    start_date: dt.date
    due_day: int | None
    second_due_day: int | None
    end_date: dt.date | None
    instalments: int | None
    weekend_shift: Shift
    tracked_from: dt.date
    is_active: bool
    is_autopay: bool
    is_subscription: bool
    is_variable: bool
    reminder_lead_days: str
    notes: str
    website: str
    account_reference: str
    user_name_hint: str
    debt_balance: str | None
    debt_apr: str | None
    debt_minimum_payment: str | None


class ScheduleEditOut(Schema):
    """Due dates that a change removes, adds, and leaves as they are."""

    removed: list[dt.date]
    added: list[dt.date]
    unchanged: list[dt.date]


class SchedulePreviewOut(Schema):
    """What a change does by each answer; ``asks`` when they differ. Null where the schedule stays."""

    asks: bool
    keep: ScheduleEditOut | None
    follow: ScheduleEditOut | None


def show_preview(preview: SchedulePreview | None) -> dict:
    if preview is None:
        return {"asks": False, "keep": None, "follow": None}
    edits = {"keep": preview.keep, "follow": preview.follow}
    return {"asks": preview.asks} | {
        name: {"removed": edit.going_dates, "added": edit.appearing_dates, "unchanged": edit.staying_dates}
        for name, edit in edits.items()
    }


def show_bill(bill: Bill) -> dict:
    def text(amount: Decimal | None) -> str | None:
        return None if amount is None else to_text(amount, bill.currency)

    fields = {name: getattr(bill, name) for name in BillOut.model_fields if hasattr(bill, name)}
    return fields | {
        "household": bill.household_id,
        "category": show_category(bill.category),
        "amount": text(bill.expected_amount),
        "debt_balance": text(bill.debt_balance),
        "debt_apr": None if bill.debt_apr is None else f"{bill.debt_apr.normalize():f}",
        "debt_minimum_payment": text(bill.debt_minimum_payment),
    }
