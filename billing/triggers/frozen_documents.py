"""What was issued stays as it was.

Frozen: numbered statements but for their internal notes and their voiding, their lines, their stored
documents, and the record of counters moved by hand. A counter only moves forward.
"""

from billtracker.core.data.triggers import (
    Rule,
    RuleSet,
    changes_any,
    exists,
    forbid,
    forbid_replace,
    forbid_truncate,
)

# What may still change on an issued statement; of a void one the internal notes alone.
OPEN_ON_ISSUED = ("state", "internal_notes", "voided_by_id", "voided_at", "void_date", "void_reason")
OPEN_ON_VOID = ("internal_notes",)
FROZEN_COLUMNS = (
    "id", "client_id", "kind", "engagement_id", "period_start", "period_end", "currency", "total",
    "issue_date", "due_date", "notes", "sequence_id", "sequence_year", "sequence_number", "number",
    "snapshot", "replaces_id", "created_by_id", "created_at", "submitted_by_id", "submitted_at",
    "return_comment", "issued_by_id", "issued_at",
)  # fmt: skip

STATEMENTS, LINES, DOCUMENTS = "billing_statement", "billing_statementline", "billing_document"
ADJUSTMENTS, COUNTERS = "billing_counteradjustment", "billing_counter"
FROZEN_TABLES = (STATEMENTS, LINES, DOCUMENTS, ADJUSTMENTS, COUNTERS)

STATEMENT = "An issued statement is frozen."
LINE = "The lines of an issued statement are frozen."
DOCUMENT = "A stored document is never changed."
ADJUSTMENT = "The record of a moved counter is never changed."
COUNTER = "A counter moves forward only."


def _statement_rules() -> list[Rule]:
    voiding = [column for column in OPEN_ON_ISSUED if column not in OPEN_ON_VOID]
    broken = (
        f"{changes_any(FROZEN_COLUMNS)} OR NEW.state NOT IN ('issued', 'void')"
        f" OR (OLD.state = 'void' AND {changes_any(voiding)})"
    )
    in_the_way = exists(
        STATEMENTS,
        "number IS NOT NULL AND (id = NEW.id OR number = NEW.number OR (sequence_id = NEW.sequence_id"
        " AND sequence_year = NEW.sequence_year AND sequence_number = NEW.sequence_number))",
    )
    return [
        Rule("statement_frozen", "UPDATE", STATEMENTS, f"OLD.number IS NOT NULL AND ({broken})", STATEMENT),
        Rule("statement_kept", "DELETE", STATEMENTS, "OLD.number IS NOT NULL", STATEMENT),
        forbid_replace("statement_not_replaced", STATEMENTS, in_the_way, STATEMENT),
    ]


def _line_rules() -> list[Rule]:
    of_old, of_new = (
        exists(STATEMENTS, f"id = {row}.statement_id AND number IS NOT NULL") for row in ("OLD", "NEW")
    )
    in_the_way = exists(
        f"{LINES} AS line JOIN {STATEMENTS} AS parent ON parent.id = line.statement_id",
        "line.id = NEW.id AND parent.number IS NOT NULL",
    )
    return [
        Rule("line_not_added", "INSERT", LINES, of_new, LINE),
        Rule("line_frozen", "UPDATE", LINES, f"{of_old} OR {of_new}", LINE),
        Rule("line_kept", "DELETE", LINES, of_old, LINE),
        forbid_replace("line_not_replaced", LINES, in_the_way, LINE),
    ]


def _document_rules() -> list[Rule]:
    in_the_way = exists(DOCUMENTS, "id = NEW.id OR (statement_id = NEW.statement_id AND kind = NEW.kind)")
    return [
        forbid("UPDATE", "document_frozen", DOCUMENTS, DOCUMENT),
        forbid("DELETE", "document_kept", DOCUMENTS, DOCUMENT),
        forbid_replace("document_not_replaced", DOCUMENTS, in_the_way, DOCUMENT),
    ]


def _counter_rules() -> list[Rule]:
    backwards = f"NEW.last_number < OLD.last_number OR {changes_any(('sequence_id', 'year'))}"
    in_the_way = exists(COUNTERS, "id = NEW.id OR (sequence_id = NEW.sequence_id AND year = NEW.year)")
    return [
        forbid("UPDATE", "adjustment_frozen", ADJUSTMENTS, ADJUSTMENT),
        forbid("DELETE", "adjustment_kept", ADJUSTMENTS, ADJUSTMENT),
        forbid_replace(
            "adjustment_not_replaced", ADJUSTMENTS, exists(ADJUSTMENTS, "id = NEW.id"), ADJUSTMENT
        ),
        Rule("counter_forward", "UPDATE", COUNTERS, backwards, COUNTER),
        Rule("counter_kept", "DELETE", COUNTERS, "OLD.last_number > 0", COUNTER),
        forbid_replace("counter_not_replaced", COUNTERS, in_the_way, COUNTER),
    ]


RULES = RuleSet(
    "billing",
    (
        *_statement_rules(),
        *_line_rules(),
        *_document_rules(),
        *_counter_rules(),
        *forbid_truncate(FROZEN_TABLES, "What was issued is never changed."),
    ),
)
