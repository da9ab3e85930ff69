"""Triggers that keep the audit log append-only for everyone, raw SQL included."""

SQLITE = {
    "audit_no_update": """
        CREATE TRIGGER audit_no_update BEFORE UPDATE ON core_auditentry
        BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END""",
    "audit_no_delete": """
        CREATE TRIGGER audit_no_delete BEFORE DELETE ON core_auditentry
        BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END""",
    # INSERT OR REPLACE deletes without telling the trigger above.
    "audit_no_replace": """
        CREATE TRIGGER audit_no_replace BEFORE INSERT ON core_auditentry
        WHEN EXISTS (
            SELECT 1 FROM core_auditentry
            WHERE id = NEW.id OR (scope = NEW.scope AND position = NEW.position)
        )
        BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END""",
}

POSTGRESQL_CREATE = """
    CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'The audit log is append-only.' USING ERRCODE = 'integrity_constraint_violation';
    END $$;
    CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON core_auditentry
        FOR EACH ROW EXECUTE FUNCTION audit_refuse();
    CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON core_auditentry
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""
POSTGRESQL_DROP = """
    DROP TRIGGER IF EXISTS audit_no_change ON core_auditentry;
    DROP TRIGGER IF EXISTS audit_no_truncate ON core_auditentry;
    DROP FUNCTION IF EXISTS audit_refuse();
"""


def create(connection) -> None:
    """Refuse UPDATE, DELETE (and TRUNCATE) on audit entries from now on."""
    with connection.cursor() as cursor:
        for statement in SQLITE.values() if connection.vendor == "sqlite" else [POSTGRESQL_CREATE]:
            cursor.execute(statement)


def drop(connection) -> None:
    """Allow changes again; only for tests and for taking the schema back."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in SQLITE:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        else:
            cursor.execute(POSTGRESQL_DROP)
