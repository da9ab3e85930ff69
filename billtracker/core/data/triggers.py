"""Rules that the database itself holds, raw SQL included: each is data and becomes a trigger on both engines.

SQLite drops a table's triggers without a word when a migration rebuilds the table: such a migration has
to create them again.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Rule:
    """Refuse ``event`` on ``table`` when ``condition`` holds; an empty one always does.

    The condition is SQL over ``NEW`` and ``OLD`` that both engines read. ``only_on`` names the one
    engine that needs the rule, by its vendor; ``TRUNCATE`` exists on Postgres alone.
    """

    name: str
    event: str
    table: str
    condition: str
    sentence: str
    only_on: str = ""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules that are created and dropped together; their functions on Postgres start with ``prefix``."""

    prefix: str
    rules: tuple[Rule, ...]

    def of(self, vendor: str) -> list[Rule]:
        """Return the rules that hold on an engine."""
        return [
            rule
            for rule in self.rules
            if rule.only_on in ("", vendor) and (rule.event != "TRUNCATE" or vendor == "postgresql")
        ]

    def function(self, rule: Rule) -> str:
        return f"{self.prefix}_rule_{rule.name}"


# --- conditions ----------------------------------------------------------------------------------
def exists(rows: str, condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM {rows} WHERE {condition})"  # noqa: S608 (our names)


def sum_of(column: str, table: str, condition: str) -> str:
    return f"(SELECT COALESCE(SUM({column}), 0) FROM {table} WHERE {condition})"  # noqa: S608 (our names)


def changes_any(columns: Iterable[str]) -> str:
    """Return the condition that an update changes one of the columns, NULL being a value like others."""
    return "(" + " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns) + ")"


# --- kinds of rules ------------------------------------------------------------------------------
def forbid(event: str, name: str, table: str, sentence: str) -> Rule:
    return Rule(name, event, table, "", sentence)


def forbid_replace(name: str, table: str, condition: str, sentence: str) -> Rule:
    """Refuse ``INSERT OR REPLACE``, which deletes the row in its way without firing ``BEFORE DELETE``."""
    return Rule(name, "INSERT", table, condition, sentence, only_on="sqlite")


def forbid_truncate(tables: Iterable[str], sentence: str) -> list[Rule]:
    return [Rule(f"{table}_not_emptied", "TRUNCATE", table, "", sentence) for table in tables]


# --- SQL of the engines --------------------------------------------------------------------------
def _sqlite_trigger(rule: Rule) -> str:
    # SQLite knows IS DISTINCT FROM since 3.39 only; its IS NOT means the same.
    condition = rule.condition.replace("IS DISTINCT FROM", "IS NOT")
    when = f"WHEN {condition} " if condition else ""
    return (
        f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} {when}"
        f"BEGIN SELECT RAISE(ABORT, '{rule.sentence}'); END"
    )


def _postgres_trigger(rule: Rule, function: str) -> str:
    answer = {"DELETE": "OLD", "TRUNCATE": "NULL"}.get(rule.event, "NEW")
    each = "STATEMENT" if rule.event == "TRUNCATE" else "ROW"
    return f"""
    CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {rule.condition or "TRUE"} THEN
            RAISE EXCEPTION '{rule.sentence}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN {answer};
    END $$;
    CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table}
        FOR EACH {each} EXECUTE FUNCTION {function}();
    """


def _create_all(connection: BaseDatabaseWrapper, rule_set: RuleSet) -> None:
    """Let the database hold the rules from now on."""
    with connection.cursor() as cursor:
        for rule in rule_set.of(connection.vendor):
            if connection.vendor == "sqlite":
                cursor.execute(_sqlite_trigger(rule))
            else:
                cursor.execute(_postgres_trigger(rule, rule_set.function(rule)))


def _drop_all(connection: BaseDatabaseWrapper, rule_set: RuleSet) -> None:
    """Let every row be changed again: while rows of another database come in, and in tests."""
    with connection.cursor() as cursor:
        for rule in rule_set.of(connection.vendor):
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS {rule.name}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {rule.name} ON {rule.table}")
                cursor.execute(f"DROP FUNCTION IF EXISTS {rule_set.function(rule)}()")


# --- every rule of the product -------------------------------------------------------------------
def rule_sets() -> list[RuleSet]:
    """Return what ``DATABASE_RULES`` names, in the order of creation."""
    return [import_string(name) for name in settings.DATABASE_RULES]


def drop_every_rule(connection: BaseDatabaseWrapper) -> None:
    """Let every row of the database be changed; call it in a transaction."""
    for rule_set in reversed(rule_sets()):
        _drop_all(connection, rule_set)


def renew_every_rule(connection: BaseDatabaseWrapper) -> None:
    """Hold the rules again, as today's code has them; never as a file or another database has them."""
    drop_every_rule(connection)
    for rule_set in rule_sets():
        _create_all(connection, rule_set)


def list_triggers(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return every trigger of the database by name, as the engine tells it, functions included."""
    sql = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname, pg_get_triggerdef(t.oid) || p.prosrc FROM pg_trigger t"
        " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT tgisinternal",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {name: " ".join(text.split()) for name, text in cursor.fetchall()}
