"""Engagements: made, changed, suspended, ended, and their fees from a day on."""

import datetime as dt
from decimal import Decimal

from django.db import transaction

from billing.models import Engagement, FeeStep, Statement
from billing.rules import policy
from billing.services.reference_data import remove_row, save_row
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.money import ZERO, MoneyError, exact

Status = Engagement.Status


@transaction.atomic
def save_engagement(*, actor, engagement: Engagement, fee: Decimal | None = None) -> Engagement:
    """Make or change an engagement; ``fee`` is the first fee of a new one.

    Its kind and its first day are fixed once a statement stands on it: intervals count from that
    day. Before that, its first fee moves along with the first day.
    """
    policy.require(actor, policy.Permission.EDIT_CLIENTS)
    is_new = engagement.pk is None
    if not is_new:
        _keep_foundations(actor, _lock_engagement(engagement), engagement)
    save_row(actor=actor, row=engagement)
    if is_new and fee is not None:
        add_fee_step(actor=actor, engagement=engagement, starts_on=engagement.starts_on, amount=fee)
    return engagement


def _lock_engagement(engagement: Engagement) -> Engagement:
    """Return the engagement's row as it is now, held until the transaction ends."""
    return Engagement.objects.select_for_update(of=("self",)).select_related("client").get(pk=engagement.pk)


def _keep_foundations(actor, stored: Engagement, changed: Engagement) -> None:
    """Refuse another kind or first day of a billed engagement; move the first fee of any other."""
    if (stored.kind, stored.starts_on) == (changed.kind, changed.starts_on):
        return
    if _is_billed(stored):
        field = "kind" if stored.kind != changed.kind else "starts_on"
        raise DomainError(
            "A statement stands on it: its kind and its first day stay. End it and begin another.",
            field=field,
        )
    steps = list(stored.fee_steps.order_by("starts_on")[:2])
    if not steps or steps[0].starts_on != stored.starts_on:
        return
    if len(steps) > 1 and steps[1].starts_on <= changed.starts_on:
        raise DomainError("Another fee begins before that day.", field="starts_on")
    steps[0].starts_on = changed.starts_on
    save_row(actor=actor, row=steps[0])


def _is_billed(engagement: Engagement) -> bool:
    """Say whether a statement stands on the engagement, void ones included."""
    return engagement.statements.exists() or engagement.statement_lines.exists()


# --- status ------------------------------------------------------------------------------------
def suspend_engagement(*, actor, engagement: Engagement) -> Engagement:
    """Bill nothing until it is resumed."""
    return set_status(actor, engagement, Status.SUSPENDED, "suspended", known=(Status.ACTIVE,))


def resume_engagement(*, actor, engagement: Engagement) -> Engagement:
    """Bill a suspended or ended engagement again; its last day, if it has one, still counts."""
    return set_status(actor, engagement, Status.ACTIVE, "resumed", known=(Status.SUSPENDED, Status.ENDED))


@transaction.atomic
def end_engagement(*, actor, engagement: Engagement, last_day: dt.date, is_final: bool = False) -> Engagement:
    """Give it its last day. What falls before it is still billed, unless ``is_final``."""
    policy.require(actor, policy.Permission.EDIT_CLIENTS)
    found = _lock_engagement(engagement)
    if last_day < found.starts_on:
        raise DomainError("An engagement ends on or after its first day.", field="last_day")
    before = {"ends_on": found.ends_on, "status": found.status}
    found.ends_on = last_day
    if is_final:
        found.status = Status.ENDED
    found.save(update_fields=["ends_on", "status"])
    after = {"ends_on": found.ends_on, "status": found.status}
    audit.record(actor, "engagement.ended", found, audit.changed_fields(before, after))
    return found


@transaction.atomic
def set_status(actor, engagement: Engagement, status: Status, verb: str, *, known: tuple) -> Engagement:
    policy.require(actor, policy.Permission.EDIT_CLIENTS)
    found = _lock_engagement(engagement)
    if found.status not in known:
        raise DomainError(f"{found.title} is {found.get_status_display().lower()}. Nothing was changed.")
    before, found.status = found.status, status
    found.save(update_fields=["status"])
    audit.record(actor, f"engagement.{verb}", found, {"status": [before, status]})
    return found


# --- fees --------------------------------------------------------------------------------------
@transaction.atomic
def add_fee_step(*, actor, engagement: Engagement, starts_on: dt.date, amount: Decimal) -> FeeStep:
    """Let a fee count from a day on; earlier ones stay, and so does what a billed period was billed for.

    A step of the same day that was not billed yet is replaced. Raises DomainError otherwise.
    """
    policy.require(actor, policy.Permission.EDIT_CLIENTS)
    found = _lock_engagement(engagement)
    _check_fee(found, starts_on, amount)
    _refuse_billed_day(found, starts_on)
    step = found.fee_steps.filter(starts_on=starts_on).first() or FeeStep(
        engagement=found, starts_on=starts_on
    )
    step.amount = amount
    save_row(actor=actor, row=step)
    return step


@transaction.atomic
def remove_fee_step(*, actor, step: FeeStep) -> None:
    """Take back a fee that no period was billed for; the first one stays."""
    policy.require(actor, policy.Permission.EDIT_CLIENTS)
    found = _lock_engagement(step.engagement)
    _refuse_billed_day(found, step.starts_on)
    if not found.fee_steps.filter(starts_on__lt=step.starts_on).exists():
        raise DomainError("The first fee stays; add one of the same day to change it.")
    remove_row(actor=actor, row=step)


def _check_fee(engagement: Engagement, starts_on: dt.date, amount: Decimal) -> None:
    """Refuse a fee below zero, finer than the currency, or outside the engagement's days."""
    if amount < ZERO:
        raise DomainError("A fee is not negative.", field="amount")
    try:
        exact(amount, engagement.currency)
    except MoneyError as error:
        raise DomainError(str(error), field="amount") from None
    if starts_on < engagement.starts_on:
        raise DomainError(f"The engagement begins on {engagement.starts_on}.", field="starts_on")
    if engagement.ends_on and starts_on > engagement.ends_on:
        raise DomainError(f"The engagement ends on {engagement.ends_on}.", field="starts_on")


def _refuse_billed_day(engagement: Engagement, day: dt.date) -> None:
    """Refuse a fee of a day that lies in or before a period that is billed or drafted already."""
    billed = Statement.objects.filter(engagement=engagement, kind=Statement.Kind.RETAINER)
    last = billed.not_void().order_by("-period_start").first()
    if last and last.period_start and day <= last.period_start:
        raise DomainError(
            f"{last} bills the period from {last.period_start} with the fee as it is: begin after that day, "
            "or delete the draft or void the statement first.",
            field="starts_on",
        )
