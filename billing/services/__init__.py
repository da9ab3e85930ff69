"""What can be done in billing, by noun; doors import from here."""

from billing.services.cycles import (
    catch_up,
    continue_cycle,
    cycle_is_for_worker,
    preview_cycle,
    request_cycle,
    run_cycle,
)
from billing.services.documents import make_documents, make_missing_documents, read_document
from billing.services.drafts import LineInput, delete_draft, save_draft
from billing.services.sequences import expected_number, move_counter, take_number
from billing.services.statements import (
    IssueResult,
    issue_statement,
    issue_statements,
    reissue_statement,
    return_statement,
    submit_statement,
    void_statement,
)

__all__ = [
    "IssueResult", "LineInput", "catch_up", "continue_cycle", "cycle_is_for_worker", "delete_draft",
    "expected_number", "issue_statement", "issue_statements", "make_documents", "make_missing_documents",
    "move_counter", "preview_cycle", "read_document", "reissue_statement", "request_cycle",
    "return_statement", "run_cycle", "save_draft", "submit_statement", "take_number", "void_statement",
]  # fmt: skip
