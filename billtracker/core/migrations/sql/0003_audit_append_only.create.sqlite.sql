CREATE TRIGGER audit_no_update BEFORE UPDATE ON core_auditentry
BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON core_auditentry
BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON core_auditentry
WHEN EXISTS ( SELECT 1 FROM core_auditentry WHERE id = NEW.id OR (scope = NEW.scope AND position =
    NEW.position) )
BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END;
