"""The audit log is append-only for everyone, raw SQL included."""

from billtracker.core.data.triggers import RuleSet, exists, forbid, forbid_replace, forbid_truncate

ENTRIES = "core_auditentry"
APPEND_ONLY = "The audit log is append-only."

RULES = RuleSet(
    "audit",
    (
        forbid("UPDATE", "audit_no_update", ENTRIES, APPEND_ONLY),
        forbid("DELETE", "audit_no_delete", ENTRIES, APPEND_ONLY),
        forbid_replace(
            "audit_no_replace",
            ENTRIES,
            exists(ENTRIES, "id = NEW.id OR (scope = NEW.scope AND position = NEW.position)"),
            APPEND_ONLY,
        ),
        *forbid_truncate([ENTRIES], APPEND_ONLY),
    ),
)
