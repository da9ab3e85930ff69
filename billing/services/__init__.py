"""What can be done in billing, by noun; entry points import from here."""

from billing.services.account_statements import (
    make_account,
    pack_accounts,
    read_account,
    request_account,
    request_accounts,
)
from billing.services.allocations import allocate_payment, allocate_payments, unapply_allocation
from billing.services.batches import BatchResult, issue_statements, submit_statements
from billing.services.books_check import check_books
from billing.services.clients import save_client, save_office
from billing.services.close_packs import make_pack, open_pack, request_pack
from billing.services.documents import make_documents, make_missing_documents, read_document
from billing.services.drafts import LineInput, delete_draft, save_draft
from billing.services.engagements import (
    add_fee_step,
    end_engagement,
    remove_fee_step,
    resume_engagement,
    save_engagement,
    suspend_engagement,
)
from billing.services.office_users import add_office_user, change_office_roles
from billing.services.payer_groups import delete_payer_group, save_payer_group
from billing.services.payments import (
    delete_payment,
    post_payment,
    record_and_post_payment,
    refund_credit,
    save_payment,
    verify_payment,
    void_payment,
    void_refund,
)
from billing.services.periods import (
    close_period,
    end_exception,
    grant_exception,
    lock_period,
    reopen_period,
    unlock_period,
)
from billing.services.receipts import add_proof, download_name, read_proof, remove_proof
from billing.services.reference_data import remove_row, save_row
from billing.services.retainer_cycle import (
    catch_up,
    continue_cycle,
    cycle_is_for_worker,
    preview_cycle,
    request_cycle,
    run_cycle,
)
from billing.services.sending import send_document
from billing.services.sequences import expected_number, move_counter, take_number
from billing.services.settlements import (
    issue_credit_note,
    receive_certificate,
    settle_statement,
    void_settlement,
)
from billing.services.statements import (
    issue_statement,
    note_statement,
    reissue_statement,
    return_statement,
    submit_statement,
    void_statement,
)

__all__ = [
    "BatchResult",
    "LineInput",
    "add_fee_step",
    "add_office_user",
    "add_proof",
    "allocate_payment",
    "allocate_payments",
    "catch_up",
    "change_office_roles",
    "check_books",
    "close_period",
    "continue_cycle",
    "cycle_is_for_worker",
    "delete_draft",
    "delete_payer_group",
    "delete_payment",
    "download_name",
    "end_engagement",
    "end_exception",
    "expected_number",
    "grant_exception",
    "issue_credit_note",
    "issue_statement",
    "issue_statements",
    "lock_period",
    "make_account",
    "make_documents",
    "make_missing_documents",
    "make_pack",
    "move_counter",
    "note_statement",
    "open_pack",
    "pack_accounts",
    "post_payment",
    "preview_cycle",
    "read_account",
    "read_document",
    "read_proof",
    "receive_certificate",
    "record_and_post_payment",
    "refund_credit",
    "reissue_statement",
    "remove_fee_step",
    "remove_proof",
    "remove_row",
    "reopen_period",
    "request_account",
    "request_accounts",
    "request_cycle",
    "request_pack",
    "resume_engagement",
    "return_statement",
    "run_cycle",
    "save_client",
    "save_draft",
    "save_engagement",
    "save_office",
    "save_payer_group",
    "save_payment",
    "save_row",
    "send_document",
    "settle_statement",
    "submit_statement",
    "submit_statements",
    "suspend_engagement",
    "take_number",
    "unapply_allocation",
    "unlock_period",
    "verify_payment",
    "void_payment",
    "void_refund",
    "void_settlement",
    "void_statement",
]
