DROP TRIGGER IF EXISTS audit_no_change ON core_auditentry;
DROP TRIGGER IF EXISTS audit_no_truncate ON core_auditentry;
DROP FUNCTION IF EXISTS audit_refuse();
CREATE OR REPLACE FUNCTION audit_rule_audit_no_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'The audit log is append-only.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_rule_audit_no_update();
CREATE OR REPLACE FUNCTION audit_rule_audit_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'The audit log is append-only.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_rule_audit_no_delete();
CREATE OR REPLACE FUNCTION audit_rule_core_auditentry_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'The audit log is append-only.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER core_auditentry_not_emptied BEFORE TRUNCATE ON core_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_rule_core_auditentry_not_emptied();
