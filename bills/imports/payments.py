"""Bringing payments in from a file: which due date each row settles, recording them, taking them back."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bills.imports.bills import household_of
from bills.imports.nearest_due_date import REACH, OpenDate, OpenDates
from bills.imports.payment_rows import PlannedPayment, amount_text, day_text
from bills.models import Bill, Occurrence, Payment, PaymentSplit
from bills.services.payments import split_name
from bills.services.reminders import withdraw_after_payment
from billtracker.accounts.models import Household
from billtracker.core import audit
from billtracker.core.data.bulk_writes import insert_all, reserve_keys
from billtracker.core.imports.amounts import Amount
from billtracker.core.imports.handlers import Field, ImportQuestion, Made, Status, Verdict
from billtracker.core.imports.rows import Answers, RowCells, RowProblem
from billtracker.core.money import ZERO, totals_by_currency
from billtracker.core.text import comparison_key

FIELDS = (
    Field("bill", "Bill", ("bill name", "name", "payee", "description"), is_required=True),
    Field("paid_on", "Paid on", ("date", "payment date", "paid", "date paid", "posted date"), True, "date"),
    Field("amount", "Amount", ("amount paid", "sum", "value", "paid amount"), True, "amount", ("paid_out",)),
    Field("paid_out", "Paid out", ("debit", "money out", "withdrawal", "outflow", "out"), False, "amount"),
    Field("paid_in", "Paid in", ("credit", "money in", "deposit", "inflow", "in"), False, "amount"),
    Field("currency", "Currency", ("ccy", "currency code", "curr")),
    Field("method", "Method", ("payment method", "account", "paid with", "paid by")),
    Field("note", "Note", ("notes", "comment", "memo", "remarks")),
)
MODEL = "bills.payment"
CHUNK = 2_000


@dataclass(slots=True)
class ExistingBills:
    """What the household has: its bills by name, its open due dates, its payments."""

    bills: dict[str, list[Bill]]
    open_dates: OpenDates = field(default_factory=lambda: OpenDates([]))
    payments: set[tuple] = field(default_factory=set)


class PaymentFiles:
    """The handler of files that hold payments of bills."""

    kind = "payments"
    title = "payments"
    fields: Sequence[Field] = FIELDS
    shown: Sequence[str] = ("Bill", "Paid on", "Amount", "Settles", "Method", "Note")

    def currency(self, scope: str) -> str:
        return household_of(scope).currency

    def questions(self, scope: str) -> list[tuple[ImportQuestion, str]]:
        return []

    def clean_options(self, scope: str, given: Mapping[str, str]) -> dict[str, str]:
        return {}

    def check_rows(self, scope: str, rows: Sequence[RowCells], answers: Answers) -> list[Verdict]:
        household = household_of(scope)
        known = ExistingBills(_bills_by_name(household))
        plans, verdicts = [], {}
        for row in rows:
            try:
                plans.append(_plan_payment(row, known, household))
            except RowProblem as fault:
                verdicts[row.number] = Verdict.problem(row.number, fault)
        load(known, household, plans)
        _mark_duplicates(plans, known)
        _settle(plans, known)
        verdicts |= {plan.number: _verdict_of(plan) for plan in plans}
        return [verdicts[row.number] for row in rows]

    def describe_effect(self, scope: str, verdicts: Sequence[Verdict], answers: Answers) -> str:
        return ""

    def apply_rows(
        self, scope: str, actor, verdicts: Sequence[Verdict], answers: Answers, *, key: str
    ) -> list[Made]:
        household = household_of(scope)
        made = []
        for start in range(0, len(verdicts), CHUNK):
            plans = [verdict.data for verdict in verdicts[start : start + CHUNK]]
            payments = _record_all(actor, household, plans, key)
            audit.record_many(actor, "payment.recorded", map(_audit_pair, payments, plans), scope=scope)
            made += [Made(p.number, MODEL, payment.pk) for p, payment in zip(plans, payments, strict=True)]
        return made

    def undo_batch(self, scope: str, made: Mapping[str, Sequence[int]]) -> None:
        household, ids = household_of(scope), made.get(MODEL, ())
        for start in range(0, len(ids), CHUNK):
            household.payments.filter(pk__in=ids[start : start + CHUNK]).delete()

    def summary(self, verdicts: Sequence[Verdict]) -> dict[str, str]:
        totals = totals_by_currency((v.data.currency, v.data.amount) for v in verdicts)
        return {"paid": ", ".join(f"{amount:f} {currency}" for currency, amount in totals.items())}


# --- what is there -----------------------------------------------------------------------------
def _bills_by_name(household: Household) -> dict[str, list[Bill]]:
    bills = defaultdict(list)
    for bill in household.bills.live():
        bills[comparison_key(bill.name)].append(bill)
    return bills


def load(known: ExistingBills, household: Household, plans: Sequence[PlannedPayment]) -> None:
    """Load the due dates within reach of the file's payments, and the payments of its days."""
    if not plans:
        return
    first, last = min(plan.paid_on for plan in plans), max(plan.paid_on for plan in plans)
    due = Occurrence.objects.of_household(household).filter(
        skipped_at=None, due_date__range=(first - REACH, last + REACH)
    )
    known.open_dates = OpenDates(
        OpenDate(o.pk, o.bill_id, o.scheduled_date, o.due_date, o.currency, o.owed, o.paid)
        for o in due.with_paid()
    )
    splits = PaymentSplit.objects.live().filter(
        payment__household=household, payment__paid_on__range=(first, last)
    )
    paid = splits.values_list(
        "occurrence__bill_id", "payment__paid_on", "payment__amount", "payment__currency"
    )
    known.payments = set(paid.iterator(CHUNK))


# --- one row -----------------------------------------------------------------------------------
def _plan_payment(row: RowCells, known: ExistingBills, household: Household) -> PlannedPayment:
    """Return the payment a row describes; RowProblem with a sentence for the first thing that is wrong."""
    bill = _bill_of(row, known)
    amount = _amount_of(row)
    paid_on = row.date("paid_on")
    if paid_on is None:
        raise RowProblem("The payment has no date.", "paid_on")
    if paid_on > household.today + dt.timedelta(days=366):
        raise RowProblem("The payment's date is more than a year ahead.", "paid_on")
    method, note = row.text("method", 40), row.text("note", 500)
    return PlannedPayment(row.number, bill, paid_on, amount.value, amount.currency, method, note)


def _amount_of(row: RowCells) -> Amount:
    """Return what was paid, from the column of amounts or from the one of what went out."""
    given = {name: row.amount(name) for name in ("amount", "paid_out", "paid_in")}
    filled = {name: amount for name, amount in given.items() if amount and amount.value}
    if "paid_in" in filled:
        raise RowProblem("This is money that came in. Only payments are imported.", "paid_in")
    if len(filled) > 1:
        raise RowProblem("The row states an amount twice; leave one of them empty.", "paid_out")
    if "paid_out" in filled:
        # Some banks write what goes out below zero, although the column says so.
        return Amount(abs(filled["paid_out"].value), filled["paid_out"].currency)
    if given["amount"] is None:
        raise RowProblem("The amount is missing.", "amount")
    if given["amount"].value <= ZERO:
        raise RowProblem("A payment is more than zero.", "amount")
    return given["amount"]


def _bill_of(row: RowCells, known: ExistingBills) -> Bill:
    if not row["bill"]:
        raise RowProblem("The row names no bill.", "bill")
    bills = known.bills.get(comparison_key(row["bill"]), [])
    if not bills:
        raise RowProblem(f"There is no bill called “{row['bill'][:80]}”.", "bill")
    if len(bills) > 1:
        raise RowProblem(f"{len(bills)} bills are called “{bills[0]}”; give them different names.", "bill")
    return bills[0]


def _mark_duplicates(plans: Sequence[PlannedPayment], known: ExistingBills) -> None:
    """Mark payments of the same bill, day and amount as one that is there or stands above."""
    seen: dict[tuple, int] = {}
    for plan in plans:
        if plan.identity in known.payments:
            plan.same_as = "This payment is there already."
        elif plan.identity in seen:
            plan.same_as = f"The same as row {seen[plan.identity]}."
        seen.setdefault(plan.identity, plan.number)


def _settle(plans: Sequence[PlannedPayment], known: ExistingBills) -> None:
    """Put each payment on its due date, in date order; what may be a duplicate comes last."""
    for plan in sorted(plans, key=lambda p: (bool(p.same_as), p.paid_on, p.number)):
        plan.settles = known.open_dates.nearest(plan.bill.pk, plan.paid_on)
        if plan.settles and not plan.why_not_payable:
            plan.paid_before = plan.settles.paid
            plan.settles.paid += plan.amount


def _verdict_of(plan: PlannedPayment) -> Verdict:
    if plan.same_as:
        data = plan if plan.settles and not plan.why_not_payable else None
        return Verdict(
            plan.number, Status.DUPLICATE, plan.same_as, understood=_describe_payment(plan), data=data
        )
    if plan.settles is None:
        fault = RowProblem("No open due date of this bill is within 60 days of the payment.", "paid_on")
        return Verdict.problem(plan.number, fault)
    if plan.why_not_payable:
        return Verdict.problem(plan.number, RowProblem(plan.why_not_payable, "amount"))
    return Verdict(plan.number, sentence=_beside_owed(plan), understood=_describe_payment(plan), data=plan)


def _beside_owed(plan: PlannedPayment) -> str:
    """Say what stays open or is paid too much; nothing when the amounts agree."""
    left = plan.settled_date.owed - plan.paid_before - plan.amount
    if left > ZERO:
        return f"A part of what is owed: {amount_text(left, plan.currency)} stay open."
    return f"{amount_text(-left, plan.currency)} more than is owed." if left < ZERO else ""


def _describe_payment(plan: PlannedPayment) -> dict[str, str]:
    """Return what was understood, for people; also what must still hold when it is applied."""
    due = plan.settles and plan.settles.due_date
    return {
        "Bill": plan.bill.name,
        "Paid on": day_text(plan.paid_on),
        "Amount": amount_text(plan.amount, plan.currency),
        "Settles": f"the one due {day_text(due)}" if due else "nothing that is open",
        "Method": plan.method,
        "Note": plan.note,
    }


# --- recording ---------------------------------------------------------------------------------
def _record_all(actor, household: Household, plans: Sequence[PlannedPayment], key: str) -> list[Payment]:
    """Write the payments and what each settles; two statements per chunk of rows."""
    payments = [
        Payment(
            pk=pk,
            household=household,
            amount=plan.amount,
            currency=plan.currency,
            paid_on=plan.paid_on,
            method=plan.method,
            note=plan.note,
            source=Payment.Source.FILE_IMPORT,
            recorded_by=actor,
            idempotency_key=f"{key}:{plan.number}",
        )
        for pk, plan in zip(reserve_keys(Payment, len(plans)), plans, strict=True)
    ]
    splits = [
        PaymentSplit(payment=payment, occurrence_id=plan.settled_date.occurrence_id, amount=plan.amount)
        for payment, plan in zip(payments, plans, strict=True)
    ]
    insert_all(Payment, payments)
    insert_all(PaymentSplit, splits)
    withdraw_after_payment({plan.settled_date.occurrence_id for plan in plans})
    return payments


def _audit_pair(payment: Payment, plan: PlannedPayment) -> tuple[Payment, dict]:
    """Return the payment and what the audit log keeps of it."""
    return payment, {
        "amount": [None, payment.amount],
        "currency": [None, payment.currency],
        "paid_on": [None, payment.paid_on],
        "splits": [None, {split_name(plan.bill.pk, plan.settled_date.scheduled_date): payment.amount}],
    }
