DROP TRIGGER IF EXISTS audit_no_change ON core_auditentry;
DROP TRIGGER IF EXISTS audit_no_truncate ON core_auditentry;
DROP FUNCTION IF EXISTS audit_refuse();
