"""Bringing bills in from a file: what each row would become, making them, taking them back."""

import re
from collections.abc import Mapping, Sequence

from django.db.models import Q

from bills.imports.bill_rows import PlannedBill, describe_bill, identity_of, plan_bill, start_month_of
from bills.models import Bill, Category, Payment, PaymentSplit
from bills.reports.due_dates import new_occurrences
from bills.services.bills import facts
from bills.services.occurrences import make_occurrences
from billtracker.accounts.models import Household
from billtracker.core import audit
from billtracker.core.audit import Scope
from billtracker.core.exceptions import DomainError
from billtracker.core.imports.handlers import Field, ImportQuestion, Made, Status, Verdict
from billtracker.core.imports.rows import Answers, RowCells, RowProblem
from billtracker.core.money import totals_by_currency
from billtracker.core.periods import Span
from billtracker.core.text import comparison_key

FIELDS = (
    Field("name", "Bill", ("name", "bill name", "payee", "description", "biller"), is_required=True),
    Field("category", "Category", ("group", "kind", "type")),
    Field("amount", "Amount", ("expected amount", "cost", "price", "sum", "value"), True, "amount"),
    Field("currency", "Currency", ("ccy", "currency code", "curr")),
    Field("due_day", "Due day", ("day", "day of month", "due on")),
    Field("cycle", "How often", ("frequency", "cycle", "recurrence", "repeats", "interval", "schedule")),
    Field("first_due", "First due", ("first due date", "start date", "start", "due date"), False, "date"),
    Field("end_date", "End date", ("ends", "until", "last due", "end"), False, "date"),
    Field("autopay", "Autopay", ("auto pay", "automatic", "auto", "direct debit")),
    Field("notes", "Notes", ("note", "comment", "comments", "memo", "remarks")),
)  # fmt: skip
START_MONTH = ImportQuestion(
    "start_month",
    "Track from",
    "Due dates before this month are ignored. Bills without a first due date start in it.",
    "month",
)
_MONTH = re.compile(r"(\d{4})-(\d{2})")
MODEL, CATEGORY_MODEL = "bills.bill", "bills.category"
CHUNK = 500


class BillFiles:
    """The handler of files that hold bills."""

    kind = "bills"
    title = "bills"
    fields: Sequence[Field] = FIELDS
    shown: Sequence[str] = ("Bill", "Category", "Amount", "Due", "Autopay", "Notes")

    def currency(self, scope: str) -> str:
        return household_of(scope).currency

    def questions(self, scope: str) -> list[tuple[ImportQuestion, str]]:
        return [(START_MONTH, _this_month(household_of(scope)))]

    def clean_options(self, scope: str, given: Mapping[str, str]) -> dict[str, str]:
        household = household_of(scope)
        today, text = household.today, given.get("start_month") or _this_month(household)
        match = _MONTH.fullmatch(text)
        if not match or not 1 <= int(match[2]) <= 12 or not -10 <= int(match[1]) - today.year <= 1:
            raise DomainError(
                "Choose a month such as 2026-01, from ten years back to next year.", field="start_month"
            )
        return {"start_month": text}

    def check_rows(self, scope: str, rows: Sequence[RowCells], answers: Answers) -> list[Verdict]:
        household = household_of(scope)
        existing = {identity_of(bill): bill.name for bill in household.bills.live()}
        names = {name for name, *_ in existing}
        seen: dict[tuple, int] = {}
        return [self.verdict(row, answers, existing, names, seen) for row in rows]

    def verdict(self, row: RowCells, answers: Answers, existing: dict, names: set, seen: dict) -> Verdict:
        try:
            bill = plan_bill(row)
        except RowProblem as fault:
            return Verdict.problem(row.number, fault)
        verdict = Verdict(row.number, understood=describe_bill(bill, answers), data=bill)
        if bill.identity in seen:
            verdict.status, verdict.sentence = Status.DUPLICATE, f"The same as row {seen[bill.identity]}."
        elif bill.identity in existing:
            verdict.status, verdict.sentence = Status.DUPLICATE, f"The bill “{bill.name}” is there already."
        elif comparison_key(bill.name) in names | {name for name, *_ in seen}:
            verdict.sentence = "Another bill has this name, with another amount or schedule."
        seen.setdefault(bill.identity, row.number)
        return verdict

    def describe_effect(self, scope: str, verdicts: Sequence[Verdict], answers: Answers) -> str:
        """Say how many due dates before today come with the bills: late or missed from the first minute."""
        household = household_of(scope)
        bills = [_as_bill(household, verdict.data, None, answers) for verdict in verdicts]
        past = sum(len(new_occurrences(bill, Span(bill.tracked_from, household.today))) for bill in bills)
        if not past:
            return "No due date is before today."
        dates = "due date is" if past == 1 else "due dates are"
        return (
            f"{past} {dates} before today and will be listed as late or missed until paid or skipped. "
            "To leave them out, track from a later month."
        )

    def apply_rows(
        self, scope: str, actor, verdicts: Sequence[Verdict], answers: Answers, *, key: str
    ) -> list[Made]:
        household = household_of(scope)
        categories, made = _make_categories(household, verdicts)
        bills = [
            _as_bill(household, verdict.data, categories.get(comparison_key(verdict.data.category)), answers)
            for verdict in verdicts
        ]
        Bill.objects.bulk_create(bills, batch_size=CHUNK)
        for start in range(0, len(bills), CHUNK):
            make_occurrences(bills[start : start + CHUNK], household.today)
        created = [(bill, {name: [None, value] for name, value in facts(bill).items()}) for bill in bills]
        audit.record_many(actor, "bill.created", created, scope=scope)
        numbered = zip(verdicts, bills, strict=True)
        return made + [Made(verdict.number, MODEL, bill.pk) for verdict, bill in numbered]

    def undo_batch(self, scope: str, made: Mapping[str, Sequence[int]]) -> None:
        household = household_of(scope)
        bills, categories = made.get(MODEL, ()), made.get(CATEGORY_MODEL, ())
        for start in range(0, len(bills), CHUNK):
            _remove_bills(household, bills[start : start + CHUNK])
        _refuse_used_categories(categories)
        Category.objects.filter(household=household, pk__in=categories).delete()

    def summary(self, verdicts: Sequence[Verdict]) -> dict[str, str]:
        totals = totals_by_currency((v.data.amount.currency, v.data.amount.value) for v in verdicts)
        return {"expected": ", ".join(f"{amount:f} {currency}" for currency, amount in totals.items())}


def _this_month(household: Household) -> str:
    return f"{household.today:%Y-%m}"


def household_of(scope: str) -> Household:
    """Return the household that an audit scope such as ``household:12`` names."""
    return Household.objects.get(pk=Scope(scope).household_id)


# --- making and unmaking -----------------------------------------------------------------------
def _make_categories(
    household: Household, verdicts: Sequence[Verdict]
) -> tuple[dict[str, Category], list[Made]]:
    """Return the categories by normalised name, missing ones made, and which row each new one is from."""
    known = {comparison_key(category.name): category for category in household.categories.live()}
    new: dict[str, tuple[int, Category]] = {}
    for verdict in verdicts:
        name = verdict.data.category
        if name and comparison_key(name) not in known:
            new.setdefault(comparison_key(name), (verdict.number, Category(household=household, name=name)))
    Category.objects.bulk_create(category for _, category in new.values())
    made = [Made(number, CATEGORY_MODEL, category.pk) for number, category in new.values()]
    return known | {name: category for name, (_, category) in new.items()}, made


def _as_bill(household: Household, bill: PlannedBill, category: Category | None, answers: Answers) -> Bill:
    return Bill(
        household=household,
        category=category,
        name=bill.name,
        notes=bill.notes,
        expected_amount=bill.amount.value,
        currency=bill.amount.currency,
        unit=bill.schedule.unit,
        interval=bill.schedule.interval,
        start_date=bill.schedule.start_date,
        due_day=bill.schedule.due_day,
        second_due_day=bill.schedule.second_due_day,
        end_date=bill.end_date,
        is_autopay=bill.is_autopay,
        tracked_from=start_month_of(answers).first_day,
    )


def _remove_bills(household: Household, ids: Sequence[int]) -> None:
    """Delete bills with their due dates; payments in the bin that settled nothing else go with them."""
    splits = PaymentSplit.objects.filter(occurrence__bill__in=ids)
    paid = Bill.objects.filter(occurrences__splits__in=splits.live()).distinct()
    _refuse_paid(list(paid.values_list("name", flat=True)[:4]))
    binned = Payment.objects.filter(splits__in=splits).exclude(~Q(splits__occurrence__bill__in=ids))
    Payment.objects.filter(pk__in=list(binned.values_list("pk", flat=True))).delete()
    Bill.objects.filter(household=household, pk__in=ids).delete()


def _refuse_paid(names: list[str]) -> None:
    if names:
        more = " and others" if len(names) > 3 else ""
        raise DomainError(
            f"There are payments on {', '.join(f'“{name}”' for name in names[:3])}{more}. "
            "Delete them, or undo the file they came from, first. Nothing was changed."
        )


def _refuse_used_categories(ids: Sequence[int]) -> None:
    """Refuse to take back a category that a bill from elsewhere uses by now."""
    bill = Bill.objects.filter(category__in=ids).select_related("category").first()
    if bill:
        raise DomainError(
            f"The category “{bill.category}” came with this file and is used by “{bill}” now. "
            "Give that bill another category first. Nothing was changed."
        )
