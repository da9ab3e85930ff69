"""What the worker does for billing."""

from billing import services
from billing.documents.kinds import CREDIT_NOTE, STATEMENT, DocumentKind
from billing.models import AccountStatement, ClosePack, CycleRun
from billtracker.core.exceptions import DomainError
from billtracker.core.process.jobs import JobFailed


def make_document(statement_id: int) -> str:
    """Make the PDF of one statement; safe to run twice."""
    return _make_documents(STATEMENT, statement_id)


def make_credit_note_document(credit_note_id: int) -> str:
    """Make the PDF of one credit note; safe to run twice."""
    return _make_documents(CREDIT_NOTE, credit_note_id)


def _make_documents(kind: DocumentKind, pk: int) -> str:
    source = kind.all_numbered().filter(pk=pk).first()
    made = services.make_documents(source=source) if source else []
    return f"Made {len(made)} documents."


def make_account(account_id: int) -> str:
    """Make the PDF of one client's account; safe to run twice."""
    rows = AccountStatement.objects.select_related("client", "batch")
    if (row := rows.filter(pk=account_id).first()) is None:
        return "It is gone."
    if services.make_account(row=row).state == AccountStatement.State.FAILED:
        raise JobFailed("One account statement could not be made, see the log.")
    return "Made one account statement."


def pack_accounts(batch_id: int) -> str:
    """Pack the accounts of all clients into one zip; safe to run twice."""
    if (batch := AccountStatement.objects.filter(pk=batch_id).first()) is None:
        return "It is gone."
    batch = services.pack_accounts(batch=batch)
    if batch.reason:
        raise JobFailed(f"Packed the account statements: {batch.reason}")
    return "Packed the account statements."


def make_missing_documents() -> str:
    """Make the PDFs that could not be made before."""
    made, failed = services.make_missing_documents()
    if failed:
        raise JobFailed(f"Made {made} documents; {failed} could not be made, see the log.")
    return f"Made {made} documents."


def check_books() -> str:
    """Check that the audit chain holds, no number is missing and the balances tie out; safe to run twice."""
    check = services.check_books()
    faults = []
    if check.broken_position == 0:
        faults.append(f"The audit chain was not checked. {check.broken_reason}.")
    elif not check.chain_holds:
        faults.append(f"The audit chain is broken at entry {check.broken_position}.")
    faults += [f"{len(check.gaps)} counters are not whole."] if check.gaps else []
    faults += [f"The balances do not tie out: {check.balance_faults[0]}."] if check.balance_faults else []
    if faults:
        raise JobFailed(" ".join(faults))
    return (
        f"The audit chain holds ({check.entry_count} entries); {check.counter_count} counters are whole;"
        " the balances tie out."
    )


def run_retainer_cycle(run_id: int) -> str:
    """Make the drafts of a run that a page asked for; goes on where a killed worker stopped."""
    run = CycleRun.objects.select_related("actor").filter(pk=run_id).first()
    if run is None:
        return "The run is gone."
    run = services.continue_cycle(run=run)
    counts = f"{run.created_count} created, {run.exists_count} already there, {run.skipped_count} skipped"
    if run.state == CycleRun.State.PARTIAL:
        raise JobFailed(f"{counts}, {run.failed_count} failed: the run is partial.")
    return f"{counts}."


def make_close_pack(pack_id: int) -> str:
    """Make the archive of a closed month; safe to run twice."""
    pack = ClosePack.objects.filter(pk=pack_id).first()
    if pack is None:
        return "The pack is gone."
    try:
        services.make_pack(pack=pack)
    except DomainError as error:
        return error.sentence
    return "Made the pack of a closed month."
