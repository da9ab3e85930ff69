"""Signals about the office: what waits, what is late, what is missing, and whether the books hold.

The sentences hold counts, months and numbers of documents; no client and no amount.
"""

import datetime as dt

from django.db.models import Count, F, Min
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.documents.kinds import CREDIT_NOTE, STATEMENT
from billing.models import BooksCheck, Client, CycleRun, OfficeProfile, Statement
from billing.reports.office import office_profile
from billing.reports.retainer_cycle import missed_months
from billtracker.core.periods import Month, today
from billtracker.core.process.health import Facts, Item, Level, ago, signal_of_fact, span_words

WAITING_LONG = dt.timedelta(days=7)
# The worker makes a PDF at once, and what failed every hour.
MAKING = dt.timedelta(hours=2)
MISSING_LONG = dt.timedelta(days=1)
# A run on the worker goes on after each time-out; a run of an hour has been given up.
RUN_LASTS = dt.timedelta(hours=1)
State = CycleRun.State


# --- measured ----------------------------------------------------------------------------------
def measure() -> dict:
    """Count statements, missing PDFs and retainers that were not billed; the worker does it every hour."""
    day = today(office_profile().time_zone)
    issued = Statement.objects.issued()
    late = Statement.objects.overdue(day)
    counts = {"issued": issued.count(), "overdue": late.count()}
    return {
        **counts,
        **_missing(timezone.now() - MAKING),
        "month": str(Month.of(day)),
        "unbilled": _count_unbilled(day),
    }


def _missing(made_before: dt.datetime) -> dict:
    """Count documents that should have been made by then, and say since when the oldest is missing."""
    statements = STATEMENT.without_pdf().annotate(since=Coalesce("voided_at", "issued_at"))
    notes = CREDIT_NOTE.without_pdf().annotate(since=F("issued_at"))
    found = [
        rows.filter(since__lt=made_before).aggregate(count=Count("pk"), oldest=Min("since"))
        for rows in (statements, notes)
    ]
    oldest = min((one["oldest"] for one in found if one["oldest"]), default=None)
    return {
        "missing": sum(one["count"] for one in found),
        "missing_since": oldest.isoformat() if oldest else None,
    }


def _count_unbilled(day: dt.date) -> int:
    """Count retainers whose issue date has passed, last month or this one, and that no statement bills."""
    return sum(1 for _missed in missed_months(today=day, since=Month.of(day).previous))


# --- shown -------------------------------------------------------------------------------------
def status_items(facts: Facts) -> list[Item]:
    """Return the office's signals; without an office only the chain, which is the server's too.

    A constant number of queries, each on an index or on a table of few rows.
    """
    check = BooksCheck.objects.first()
    if not _has_office():
        return [_chain(check)]
    return [
        review(),
        statements(facts),
        documents(facts),
        _last_cycle(),
        _billed_months(facts),
        numbers(check),
        balances(check),
        _chain(check),
    ]


def _has_office() -> bool:
    return OfficeProfile.objects.exists() or Client.objects.exists()


def review() -> Item:
    name, url = gettext_lazy("Review"), reverse("billing:review_desk")
    waiting = Statement.objects.filter(state=Statement.State.IN_REVIEW)
    found = waiting.aggregate(count=Count("pk"), oldest=Min("submitted_at"))
    if not found["count"]:
        return Item(name, _("No draft waits"), url=url)
    words = ngettext(
        "%(n)s draft waits, for %(span)s", "%(n)s drafts wait, the oldest for %(span)s", found["count"]
    )
    age = timezone.now() - found["oldest"]
    level = Level.WARNING if age > WAITING_LONG else Level.OK
    return Item(name, words % {"n": f"{found['count']:,}", "span": span_words(age)}, level, url)


def statements(facts: Facts) -> Item:
    def sentence(values: dict) -> str:
        numbers = {name: f"{values[name]:,}" for name in ("issued", "overdue")}
        return _("%(issued)s issued, %(overdue)s of them overdue") % numbers

    url = f"{reverse('billing:statement_list')}?state=issued"
    return signal_of_fact(gettext_lazy("Statements"), facts.get("billing"), sentence, url=url)


def documents(facts: Facts) -> Item:
    """Say whether each issued document has its PDF; an error when one could not be made for a day."""
    name, fact = gettext_lazy("PDFs"), facts.get("billing")
    url = f"{reverse('opsstatus:job_list')}?name=billing.tasks.make_missing_documents"
    if not fact or fact.error or not fact.values["missing"]:
        return signal_of_fact(name, fact, lambda values: _("None is missing"), url=url)
    age = timezone.now() - dt.datetime.fromisoformat(fact.values["missing_since"])
    count = fact.values["missing"]
    words = ngettext(
        "%(n)s could not be made yet, for %(span)s",
        "%(n)s could not be made yet, the oldest for %(span)s",
        count,
    )
    level = Level.ERROR if age > MISSING_LONG else Level.WARNING
    return Item(name, words % {"n": f"{count:,}", "span": span_words(age)}, level, url)


def _last_cycle() -> Item:
    name, url = gettext_lazy("Last cycle"), reverse("billing:cycle_list")
    run = CycleRun.objects.order_by("-pk").first()
    if run is None:
        return Item(name, _("Never run"), url=url)
    known = {"month": f"{run.period:%Y-%m}", "ago": ago(run.ended_at or run.started_at)}
    page = reverse("billing:cycle_run", args=[run.pk])
    if run.state == State.DONE:
        return Item(name, _("%(month)s complete, %(ago)s") % known, url=page)
    if run.state == State.PARTIAL:
        count = run.failed_count
        words = ngettext(
            "%(month)s partial, %(ago)s: %(n)s engagement failed",
            "%(month)s partial, %(ago)s: %(n)s engagements failed",
            count,
        )
        return Item(name, words % {**known, "n": f"{count:,}"}, Level.WARNING, page)
    if timezone.now() - run.started_at < RUN_LASTS:
        return Item(name, _("%(month)s is being run, since %(ago)s") % known, url=page)
    words = _("%(month)s failed: begun %(ago)s and never ended. Run the month again.")
    return Item(name, words % known, Level.ERROR, page)


def _billed_months(facts: Facts) -> Item:
    """Say whether this month and the one before are billed, as of the last count."""
    name, fact, url = gettext_lazy("Billed months"), facts.get("billing"), reverse("billing:cycle_missed")
    if not fact or fact.error or not fact.values["unbilled"]:
        words = _("Every retainer that was due up to %(month)s is billed")
        return signal_of_fact(name, fact, lambda values: words % values, url=url)
    words = ngettext(
        "%(n)s retainer was due by %(month)s and is not billed: a month was not run",
        "%(n)s retainers were due by %(month)s and are not billed: a month was not run",
        fact.values["unbilled"],
    )
    values = {**fact.values, "n": f"{fact.values['unbilled']:,}"}
    return Item(name, f"{words % values} ({ago(fact.at)})", Level.WARNING, url)


# --- as of the daily check ---------------------------------------------------------------------
def numbers(check: BooksCheck | None) -> Item:
    name, url = gettext_lazy("Number register"), reverse("billing:number_register")
    if check and not check.numbers_are_whole:
        return Item(name, f"{'; '.join(check.gaps)} ({ago(check.checked_at)})", Level.ERROR, url)
    return _as_checked(name, check, _("No number is missing"), url)


def balances(check: BooksCheck | None) -> Item:
    """Say whether aging less credit was the ledger on every day, and nothing below zero."""
    name, url = gettext_lazy("Balances"), reverse("billing:report", args=["aging"])
    if check and not check.balances_tie_out:
        count = len(check.balance_faults)
        words = ngettext("%(first)s", "%(first)s; %(n)s places in all", count)
        sentence = words % {"first": check.balance_faults[0], "n": f"{count:,}"}
        page = f"{reverse('opsstatus:status_help')}#books"
        return Item(name, f"{sentence} ({ago(check.checked_at)})", Level.ERROR, page)
    return _as_checked(name, check, _("Aging and ledger agree on every day"), url)


def _chain(check: BooksCheck | None) -> Item:
    name = gettext_lazy("Audit chain")
    if check and check.broken_position == 0:
        words = f"{check.broken_reason} ({ago(check.checked_at)})"
        return Item(name, words, Level.ERROR, f"{reverse('opsstatus:status_help')}#integrity")
    if check and not check.chain_holds:
        words = _("Broken at entry %(position)s: %(reason)s (%(ago)s)")
        known = {"position": check.broken_position, "reason": check.broken_reason}
        url = f"{reverse('opsstatus:status_help')}#books"
        return Item(name, words % {**known, "ago": ago(check.checked_at)}, Level.ERROR, url)
    return _as_checked(name, check, _("Holds"), reverse("billing:office_audit"))


def _as_checked(name, check: BooksCheck | None, words: str, url: str) -> Item:
    """Return what the daily check found to be well: unknown before it ran, a warning once it is late."""
    job = f"{reverse('opsstatus:job_list')}?name=billing.tasks.check_books"
    if check is None:
        return Item(name, _("Not checked yet; the worker does it within minutes."), Level.UNKNOWN, job)
    level, page = (Level.WARNING, job) if check.is_late else (Level.OK, url)
    return Item(
        name, _("%(words)s, checked %(ago)s") % {"words": words, "ago": ago(check.checked_at)}, level, page
    )
