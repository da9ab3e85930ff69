"""One sync of a connection: ask, check the answer as a whole, store it account by account."""

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from banksync.models import BankAccount, Connection, SyncRun
from banksync.rules.timing import DAY
from banksync.rules.windows import first_day_of_backfill, first_day_of_routine, halve, split_span
from banksync.services.budget import reserve_request
from banksync.services.storing import StoredCounts, store_account
from banksync.simplefin.answers import Answer, SentAccount, ServerError
from banksync.simplefin.client import Window, fetch_answer
from banksync.simplefin.failures import BankFailure, RequestFailed
from banksync.simplefin.tokens import read_access_url
from banksync.simplefin.transport import TOTAL_PATIENCE
from billtracker.core.crypto import is_lost
from billtracker.core.exceptions import DomainError
from billtracker.core.settings import runtime_settings

LEASE = dt.timedelta(minutes=10)
KEPT_RUNS = 90 * DAY
State = Connection.State
# In these a sync may run; a person may also try whether a lapsed subscription was paid.
SYNCING_STATES = (State.ACTIVE, State.PAYMENT_REQUIRED)
_STATE_AFTER = {
    BankFailure.ACCESS_REVOKED: State.NEEDS_RECONNECT,
    BankFailure.PAYMENT_REQUIRED: State.PAYMENT_REQUIRED,
}
RECONNECT = "Reconnect with a new setup token; accounts and transactions are kept."
Fetched = list[tuple[Window, Answer]]


def start_run(
    *, connection: Connection, actor=None, is_manual: bool = False, is_backfill: bool = False
) -> SyncRun:
    """Note that a connection is to be synced. Raises DomainError when it cannot be."""
    _check_may_sync(connection)
    now = timezone.now()
    SyncRun.objects.filter(connection=connection, asked_at__lt=now - KEPT_RUNS).delete()
    return SyncRun.objects.create(
        connection=connection, actor=actor, is_manual=is_manual, is_backfill=is_backfill, asked_at=now
    )


def _check_may_sync(connection: Connection) -> None:
    """Refuse what no sync can help: switched off, disconnected, revoked, not confirmed."""
    if not runtime_settings.get("bank_sync_enabled"):
        raise DomainError("Bank sync is switched off on this server. What was stored is unharmed.")
    if connection.state == State.UNCONFIRMED:
        raise DomainError(f"Confirm first that {connection.host} is your provider's server.")
    if connection.state not in SYNCING_STATES:
        raise DomainError(f"{connection} is no longer connected. {RECONNECT}")


def run_sync(run: SyncRun, *, patience: float = TOTAL_PATIENCE) -> SyncRun:
    """Do a sync that was asked for; a second call for the same one does nothing. Returns it as it ended.

    ``patience`` is the time in seconds for all requests. What the provider or the network does wrong is a
    result; anything else is raised after the run was closed.
    """
    with _lease(run.connection) as is_held:
        if not is_held:
            return _end(run, SyncRun.State.FAILED, ["Another sync of this connection is running."])
        if not SyncRun.objects.filter(pk=run.pk, state=SyncRun.State.WAITING).update(state="running"):
            return run
        _close_interrupted(run)
        try:
            return _sync(run, patience)
        except DomainError as refusal:
            _note_failure(run.connection, refusal)
            return _end(run, SyncRun.State.FAILED, [refusal.sentence])
        except Exception:
            _end(run, SyncRun.State.FAILED, ["An error of this server; its log has more."])
            raise


@contextmanager
def _lease(connection: Connection) -> Iterator[bool]:
    """Hold the connection for this process, with a row that ends by itself if the process dies."""
    now = timezone.now()
    until = now + LEASE
    is_free = Q(locked_until=None) | Q(locked_until__lte=now)
    rows = Connection.objects.filter(pk=connection.pk)
    is_held = bool(rows.filter(is_free).update(locked_until=until, tried_at=now))
    try:
        yield is_held
    finally:
        if is_held:
            rows.filter(locked_until=until).update(locked_until=None)


def _close_interrupted(run: SyncRun) -> None:
    """Close runs whose process died or whose job was lost: who holds the lease is the only one that runs."""
    is_lost_job = Q(state="waiting", asked_at__lt=timezone.now() - LEASE)
    others = SyncRun.objects.filter(connection=run.connection_id).exclude(pk=run.pk)
    for dead in others.filter(Q(state="running") | is_lost_job):
        _end(dead, SyncRun.State.FAILED, ["The sync was interrupted. What it had stored is whole."])


def _sync(run: SyncRun, patience: float) -> SyncRun:
    connection = Connection.objects.get(pk=run.connection_id)
    _check_may_sync(connection)
    today = timezone.now().date()  # of UTC, as all days of the protocol
    first_day = _first_day(connection, run, today)
    SyncRun.objects.filter(pk=run.pk).update(asked_from=first_day)
    fetched, failure = _fetch_all(connection, run, split_span(first_day, today), today, patience)
    now, counts, refusals = timezone.now(), StoredCounts(), []
    for window, answer in fetched:
        for sent in sorted(answer.accounts, key=lambda account: (account.institution_id, account.id)):
            try:
                counts += store_account(
                    connection=connection, sent=sent, answer=answer, window=window, now=now
                )
            except DomainError as refusal:
                refusals.append(ServerError("", refusal.sentence, sent.institution_id, sent.id))
    # Each window brings the same complaints.
    errors = list(dict.fromkeys([*refusals, *(error for _, answer in fetched for error in answer.errors)]))
    if failure:
        errors.append(ServerError("", failure.sentence))
        _note_failure(connection, failure)
    odd = sum(answer.odd_row_count + answer.odd_account_count for _, answer in fetched)
    _note_answers(connection, fetched, errors, now, is_whole=failure is None)
    return _end(
        run, SyncRun.State.PARTIAL if errors or odd else SyncRun.State.OK, _lines(errors), counts, odd
    )


def _first_day(connection: Connection, run: SyncRun, today: dt.date) -> dt.date:
    if connection.synced_at is None or run.is_backfill:
        return first_day_of_backfill(today, runtime_settings.get("simplefin_lookback_days"))
    monitored = connection.accounts.filter(is_monitored=True, good_at__isnull=False)
    good = [moment.date() for moment in monitored.values_list("good_at", flat=True) if moment]
    return first_day_of_routine(connection.synced_at.date(), good, today)


def _fetch_all(
    connection: Connection, run: SyncRun, windows: Sequence[Window], today: dt.date, patience: float
) -> tuple[Fetched, DomainError | None]:
    """Return the answers, the oldest days first, and what ended the asking; raises it when there is none.

    A window that the provider cut short is asked for again in halves.
    """
    if is_lost(connection.access_url):
        raise RequestFailed(
            BankFailure.ACCESS_REVOKED, detail=f"The stored access can't be read. {RECONNECT}"
        )
    access, end = read_access_url(connection.access_url), time.monotonic() + patience
    fetched: Fetched = []
    left = list(windows)
    while left:
        window = left.pop(0)
        try:
            answer = fetch_answer(
                access,
                window,
                with_pending=connection.has_pending,
                before_each=partial(reserve_request, connection=connection, is_manual=run.is_manual),
                patience=max(1.0, end - time.monotonic()),
            )
        except DomainError as failure:
            if not fetched:
                raise
            return fetched, failure
        halves = halve(window, today) if answer.is_range_cut else []
        left = halves + left
        if not halves:
            fetched.append((window, answer))
    return fetched, None


# --- what came of it ---------------------------------------------------------------------------
def _note_answers(
    connection: Connection,
    fetched: Fetched,
    errors: Sequence[ServerError],
    now: dt.datetime,
    *,
    is_whole: bool,
) -> None:
    """Say at the connection and at each account how far their data are good."""
    general = [error for error in errors if not error.institution_id and not error.account_id]
    fields: dict = {"error": " ".join(error.text for error in general)[:300]}
    if is_whole:
        fields |= {"synced_at": now, "state": State.ACTIVE}
        if any(error.code == "gen.auth" for error in general):
            fields["state"] = State.NEEDS_RECONNECT
    if any(answer.is_quota_warned for _, answer in fetched):
        fields["paused_until"] = now + DAY
    Connection.objects.filter(pk=connection.pk, state__in=SYNCING_STATES).update(**fields)
    accounts = {(row.institution_id, row.remote_id): row for row in connection.accounts.all()}
    for sent in {
        (one.institution_id, one.id): one for _, answer in fetched for one in answer.accounts
    }.values():
        if account := accounts.get((sent.institution_id, sent.id)):
            _note_account(account, sent, errors, now, is_whole)
    BankAccount.objects.bulk_update(accounts.values(), ["error", "seen_at", "good_at"])


def _note_account(
    account: BankAccount, sent: SentAccount, errors: Sequence[ServerError], now: dt.datetime, is_whole: bool
) -> None:
    about = [
        error
        for error in errors
        if error.account_id in ("", sent.id) and error.institution_id in ("", sent.institution_id)
        if not error.is_about_range and not error.is_about_quota
    ]
    own = [error.text for error in about if error.institution_id or error.account_id]
    account.seen_at = now
    if not account.is_monitored:
        return
    account.error = " ".join(own)[:300]
    if is_whole and not about:
        account.good_at = now


def _note_failure(connection: Connection, refusal: DomainError) -> None:
    fields: dict = {"error": refusal.sentence[:300]}
    if isinstance(refusal, RequestFailed) and refusal.failure in _STATE_AFTER:
        fields["state"] = _STATE_AFTER[refusal.failure]
    Connection.objects.filter(pk=connection.pk, state__in=SYNCING_STATES).update(**fields)


def _lines(errors: Sequence[ServerError]) -> list[str]:
    return list(dict.fromkeys(error.text for error in errors))


@transaction.atomic
def _end(
    run: SyncRun, state: str, errors: list[str], counts: StoredCounts | None = None, odd: int = 0
) -> SyncRun:
    """Close the run; one that went with its connection leaves nothing to close."""
    counts = counts or StoredCounts()
    SyncRun.objects.filter(pk=run.pk, ended_at=None).update(
        state=state,
        ended_at=timezone.now(),
        errors=errors,
        new_count=counts.new,
        changed_count=counts.changed,
        withdrawn_count=counts.withdrawn,
        odd_count=odd,
    )
    return SyncRun.objects.filter(pk=run.pk).select_related("connection").first() or run
