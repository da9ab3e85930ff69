DROP TRIGGER IF EXISTS audit_no_update ON core_auditentry;
DROP FUNCTION IF EXISTS audit_rule_audit_no_update();
DROP TRIGGER IF EXISTS audit_no_delete ON core_auditentry;
DROP FUNCTION IF EXISTS audit_rule_audit_no_delete();
DROP TRIGGER IF EXISTS core_auditentry_not_emptied ON core_auditentry;
DROP FUNCTION IF EXISTS audit_rule_core_auditentry_not_emptied();
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is append-only.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON core_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
