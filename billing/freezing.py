"""Triggers that keep what was issued as it was, for everyone, raw SQL included.

Frozen: numbered statements but for their internal notes and their voiding, their lines, their stored
documents, and the record of counters moved by hand. A counter only moves forward.
A migration that rebuilds one of these tables on SQLite loses its triggers and has to create them again.
"""

# What may still change on an issued statement; of a void one the internal notes alone.
OPEN_ON_ISSUED = ("state", "internal_notes", "voided_by_id", "voided_at", "void_date", "void_reason")
OPEN_ON_VOID = ("internal_notes",)
FROZEN_COLUMNS = (
    "id", "client_id", "kind", "engagement_id", "period_start", "period_end", "currency", "total",
    "issue_date", "due_date", "notes", "sequence_id", "sequence_year", "sequence_number", "number",
    "snapshot", "replaces_id", "created_by_id", "created_at", "submitted_by_id", "submitted_at",
    "return_comment", "issued_by_id", "issued_at",
)  # fmt: skip
STATEMENT = "An issued statement is frozen."
LINE = "The lines of an issued statement are frozen."
DOCUMENT = "A stored document is never changed."
ADJUSTMENT = "The record of a moved counter is never changed."
COUNTER = "A counter moves forward only."

STATEMENTS, LINES, DOCUMENTS = "billing_statement", "billing_statementline", "billing_document"
ADJUSTMENTS, COUNTERS = "billing_counteradjustment", "billing_counter"


# --- SQLite ------------------------------------------------------------------------------------
def differ(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)


def sqlite_trigger(name: str, event: str, table: str, when: str, sentence: str) -> str:
    condition = f"WHEN {when}" if when else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
    )


def there(rows: str, condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM {rows} WHERE {condition})"  # noqa: S608 (our names)


def of_numbered(row: str) -> str:
    return there(STATEMENTS, f"id = {row}.statement_id AND number IS NOT NULL")


def sqlite_triggers() -> dict[str, str]:
    """Return every trigger by its name."""
    voiding = tuple(column for column in OPEN_ON_ISSUED if column not in OPEN_ON_VOID)
    broken = (
        f"{differ(FROZEN_COLUMNS)} OR NEW.state NOT IN ('issued', 'void') "
        f"OR (OLD.state = 'void' AND ({differ(voiding)}))"
    )
    # INSERT OR REPLACE deletes the row in its way without telling the trigger for deletions.
    in_the_way = there(
        STATEMENTS,
        "number IS NOT NULL AND (id = NEW.id OR number = NEW.number OR (sequence_id = NEW.sequence_id"
        " AND sequence_year = NEW.sequence_year AND sequence_number = NEW.sequence_number))",
    )
    frozen_line = there(
        f"{LINES} AS line JOIN {STATEMENTS} AS parent ON parent.id = line.statement_id",
        "line.id = NEW.id AND parent.number IS NOT NULL",
    )
    same_document = there(DOCUMENTS, "id = NEW.id OR (statement_id = NEW.statement_id AND kind = NEW.kind)")
    same_counter = there(COUNTERS, "id = NEW.id OR (sequence_id = NEW.sequence_id AND year = NEW.year)")
    backwards = f"NEW.last_number < OLD.last_number OR {differ(('sequence_id', 'year'))}"
    lines_or_new = f"{of_numbered('OLD')} OR {of_numbered('NEW')}"
    rules = {
        "statement_frozen": ("UPDATE", STATEMENTS, f"OLD.number IS NOT NULL AND ({broken})", STATEMENT),
        "statement_kept": ("DELETE", STATEMENTS, "OLD.number IS NOT NULL", STATEMENT),
        "statement_not_replaced": ("INSERT", STATEMENTS, in_the_way, STATEMENT),
        "line_not_added": ("INSERT", LINES, of_numbered("NEW"), LINE),
        "line_frozen": ("UPDATE", LINES, lines_or_new, LINE),
        "line_kept": ("DELETE", LINES, of_numbered("OLD"), LINE),
        "line_not_replaced": ("INSERT", LINES, frozen_line, LINE),
        "document_frozen": ("UPDATE", DOCUMENTS, "", DOCUMENT),
        "document_kept": ("DELETE", DOCUMENTS, "", DOCUMENT),
        "document_not_replaced": ("INSERT", DOCUMENTS, same_document, DOCUMENT),
        "adjustment_frozen": ("UPDATE", ADJUSTMENTS, "", ADJUSTMENT),
        "adjustment_kept": ("DELETE", ADJUSTMENTS, "", ADJUSTMENT),
        "adjustment_not_replaced": ("INSERT", ADJUSTMENTS, there(ADJUSTMENTS, "id = NEW.id"), ADJUSTMENT),
        "counter_forward": ("UPDATE", COUNTERS, backwards, COUNTER),
        "counter_kept": ("DELETE", COUNTERS, "OLD.last_number > 0", COUNTER),
        "counter_not_replaced": ("INSERT", COUNTERS, same_counter, COUNTER),
    }  # fmt: skip
    return {name: sqlite_trigger(name, *rule) for name, rule in rules.items()}


# --- Postgres ----------------------------------------------------------------------------------
def listed(columns: tuple[str, ...]) -> str:
    return "ARRAY[" + ", ".join(f"'{column}'" for column in columns) + "]"


REFUSE = "RAISE EXCEPTION '{}' USING ERRCODE = 'integrity_constraint_violation';"
FROZEN_TABLES = (STATEMENTS, LINES, DOCUMENTS, ADJUSTMENTS, COUNTERS)


def postgres_functions() -> str:
    """Return the functions that the triggers call."""
    return f"""
    CREATE OR REPLACE FUNCTION billing_keep_statement() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE open_columns text[] := {listed(OPEN_ON_ISSUED)};
    BEGIN
        IF OLD.number IS NULL THEN
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END IF;
        IF TG_OP = 'DELETE' THEN {REFUSE.format(STATEMENT)} END IF;
        IF OLD.state = 'void' THEN open_columns := {listed(OPEN_ON_VOID)}; END IF;
        IF NEW.state NOT IN ('issued', 'void')
            OR (to_jsonb(OLD) - open_columns) IS DISTINCT FROM (to_jsonb(NEW) - open_columns)
        THEN {REFUSE.format(STATEMENT)} END IF;
        RETURN NEW;
    END $$;
    CREATE OR REPLACE FUNCTION billing_keep_line() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' AND EXISTS (
            SELECT 1 FROM {STATEMENTS} WHERE id = OLD.statement_id AND number IS NOT NULL)
        THEN {REFUSE.format(LINE)} END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        IF EXISTS (SELECT 1 FROM {STATEMENTS} WHERE id = NEW.statement_id AND number IS NOT NULL)
        THEN {REFUSE.format(LINE)} END IF;
        RETURN NEW;
    END $$;
    CREATE OR REPLACE FUNCTION billing_keep_counter() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.last_number > 0 THEN {REFUSE.format(COUNTER)} END IF;
            RETURN OLD;
        END IF;
        IF NEW.last_number < OLD.last_number OR NEW.sequence_id <> OLD.sequence_id OR NEW.year <> OLD.year
        THEN {REFUSE.format(COUNTER)} END IF;
        RETURN NEW;
    END $$;
    CREATE OR REPLACE FUNCTION billing_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN {REFUSE.format("What was issued is never changed.")} END $$;
    """  # noqa: S608


# Trigger: the moments, the table, the function.
POSTGRES_TRIGGERS = {
    "statement_frozen": ("UPDATE OR DELETE", STATEMENTS, "billing_keep_statement"),
    "line_frozen": ("INSERT OR UPDATE OR DELETE", LINES, "billing_keep_line"),
    "counter_forward": ("UPDATE OR DELETE", COUNTERS, "billing_keep_counter"),
    "document_frozen": ("UPDATE OR DELETE", DOCUMENTS, "billing_refuse"),
    "adjustment_frozen": ("UPDATE OR DELETE", ADJUSTMENTS, "billing_refuse"),
    **{f"{table}_not_emptied": ("TRUNCATE", table, "billing_refuse") for table in FROZEN_TABLES},
}


def postgres_trigger(name: str, events: str, table: str, function: str) -> str:
    each = "STATEMENT" if events == "TRUNCATE" else "ROW"
    return f"CREATE TRIGGER {name} BEFORE {events} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"


# --- both --------------------------------------------------------------------------------------
def create(connection) -> None:
    """Freeze what is issued from now on."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for statement in sqlite_triggers().values():
                cursor.execute(statement)
            return
        cursor.execute(postgres_functions())
        for name, rule in POSTGRES_TRIGGERS.items():
            cursor.execute(postgres_trigger(name, *rule))


def drop(connection) -> None:
    """Let everything be changed again; only for tests and for taking the schema back."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in sqlite_triggers():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            return
        for name, (_, table, _) in POSTGRES_TRIGGERS.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        for name in ("keep_statement", "keep_line", "keep_counter", "refuse"):
            cursor.execute(f"DROP FUNCTION IF EXISTS billing_{name}()")
