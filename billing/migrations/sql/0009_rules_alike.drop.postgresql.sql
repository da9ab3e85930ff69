DROP TRIGGER IF EXISTS billing_payment_not_emptied ON billing_payment;
DROP FUNCTION IF EXISTS billing_rule_billing_payment_not_emptied();
DROP TRIGGER IF EXISTS billing_allocation_not_emptied ON billing_allocation;
DROP FUNCTION IF EXISTS billing_rule_billing_allocation_not_emptied();
DROP TRIGGER IF EXISTS billing_refund_not_emptied ON billing_refund;
DROP FUNCTION IF EXISTS billing_rule_billing_refund_not_emptied();
DROP TRIGGER IF EXISTS billing_settlement_not_emptied ON billing_settlement;
DROP FUNCTION IF EXISTS billing_rule_billing_settlement_not_emptied();
DROP TRIGGER IF EXISTS billing_creditnote_not_emptied ON billing_creditnote;
DROP FUNCTION IF EXISTS billing_rule_billing_creditnote_not_emptied();
DROP TRIGGER IF EXISTS statement_frozen ON billing_statement;
DROP FUNCTION IF EXISTS billing_rule_statement_frozen();
DROP TRIGGER IF EXISTS statement_kept ON billing_statement;
DROP FUNCTION IF EXISTS billing_rule_statement_kept();
DROP TRIGGER IF EXISTS line_not_added ON billing_statementline;
DROP FUNCTION IF EXISTS billing_rule_line_not_added();
DROP TRIGGER IF EXISTS line_frozen ON billing_statementline;
DROP FUNCTION IF EXISTS billing_rule_line_frozen();
DROP TRIGGER IF EXISTS line_kept ON billing_statementline;
DROP FUNCTION IF EXISTS billing_rule_line_kept();
DROP TRIGGER IF EXISTS document_frozen ON billing_document;
DROP FUNCTION IF EXISTS billing_rule_document_frozen();
DROP TRIGGER IF EXISTS document_kept ON billing_document;
DROP FUNCTION IF EXISTS billing_rule_document_kept();
DROP TRIGGER IF EXISTS adjustment_frozen ON billing_counteradjustment;
DROP FUNCTION IF EXISTS billing_rule_adjustment_frozen();
DROP TRIGGER IF EXISTS adjustment_kept ON billing_counteradjustment;
DROP FUNCTION IF EXISTS billing_rule_adjustment_kept();
DROP TRIGGER IF EXISTS counter_forward ON billing_counter;
DROP FUNCTION IF EXISTS billing_rule_counter_forward();
DROP TRIGGER IF EXISTS counter_kept ON billing_counter;
DROP FUNCTION IF EXISTS billing_rule_counter_kept();
DROP TRIGGER IF EXISTS billing_statement_not_emptied ON billing_statement;
DROP FUNCTION IF EXISTS billing_rule_billing_statement_not_emptied();
DROP TRIGGER IF EXISTS billing_statementline_not_emptied ON billing_statementline;
DROP FUNCTION IF EXISTS billing_rule_billing_statementline_not_emptied();
DROP TRIGGER IF EXISTS billing_document_not_emptied ON billing_document;
DROP FUNCTION IF EXISTS billing_rule_billing_document_not_emptied();
DROP TRIGGER IF EXISTS billing_counteradjustment_not_emptied ON billing_counteradjustment;
DROP FUNCTION IF EXISTS billing_rule_billing_counteradjustment_not_emptied();
DROP TRIGGER IF EXISTS billing_counter_not_emptied ON billing_counter;
DROP FUNCTION IF EXISTS billing_rule_billing_counter_not_emptied();
CREATE OR REPLACE FUNCTION billing_keep_statement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE open_columns text[] := ARRAY['state', 'internal_notes', 'voided_by_id', 'voided_at', 'void_date', 'void_reason'];
BEGIN
    IF OLD.number IS NULL THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'An issued statement is frozen.' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    IF OLD.state = 'void' THEN open_columns := ARRAY['internal_notes']; END IF;
    IF NEW.state NOT IN ('issued', 'void')
        OR (to_jsonb(OLD) - open_columns) IS DISTINCT FROM (to_jsonb(NEW) - open_columns)
    THEN RAISE EXCEPTION 'An issued statement is frozen.' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION billing_keep_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND EXISTS (
        SELECT 1 FROM billing_statement WHERE id = OLD.statement_id AND number IS NOT NULL)
    THEN RAISE EXCEPTION 'The lines of an issued statement are frozen.' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF EXISTS (SELECT 1 FROM billing_statement WHERE id = NEW.statement_id AND number IS NOT NULL)
    THEN RAISE EXCEPTION 'The lines of an issued statement are frozen.' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION billing_keep_counter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.last_number > 0 THEN RAISE EXCEPTION 'A counter moves forward only.' USING ERRCODE = 'integrity_constraint_violation'; END IF;
        RETURN OLD;
    END IF;
    IF NEW.last_number < OLD.last_number OR NEW.sequence_id <> OLD.sequence_id OR NEW.year <> OLD.year
    THEN RAISE EXCEPTION 'A counter moves forward only.' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION billing_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'What was issued is never changed.' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER statement_frozen BEFORE UPDATE OR DELETE ON billing_statement FOR EACH ROW EXECUTE FUNCTION billing_keep_statement();
CREATE TRIGGER line_frozen BEFORE INSERT OR UPDATE OR DELETE ON billing_statementline FOR EACH ROW EXECUTE FUNCTION billing_keep_line();
CREATE TRIGGER counter_forward BEFORE UPDATE OR DELETE ON billing_counter FOR EACH ROW EXECUTE FUNCTION billing_keep_counter();
CREATE TRIGGER document_frozen BEFORE UPDATE OR DELETE ON billing_document FOR EACH ROW EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER adjustment_frozen BEFORE UPDATE OR DELETE ON billing_counteradjustment FOR EACH ROW EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER billing_statement_not_emptied BEFORE TRUNCATE ON billing_statement FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER billing_statementline_not_emptied BEFORE TRUNCATE ON billing_statementline FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER billing_document_not_emptied BEFORE TRUNCATE ON billing_document FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER billing_counteradjustment_not_emptied BEFORE TRUNCATE ON billing_counteradjustment FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER billing_counter_not_emptied BEFORE TRUNCATE ON billing_counter FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
CREATE OR REPLACE FUNCTION billing_rule_payment_not_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_payment WHERE state <> 'draft' AND (id = NEW.id OR (state <> 'void' AND
        manual_key <> '' AND manual_key = NEW.manual_key))) THEN
        RAISE EXCEPTION 'A posted payment is frozen.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_not_replaced BEFORE INSERT ON billing_payment FOR EACH ROW EXECUTE FUNCTION billing_rule_payment_not_replaced();
CREATE OR REPLACE FUNCTION billing_rule_allocation_not_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_allocation WHERE id = NEW.id OR (NEW.reverses_id IS NOT NULL AND
        reverses_id = NEW.reverses_id)) THEN
        RAISE EXCEPTION 'Allocations are only added; a reversal takes one back.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER allocation_not_replaced BEFORE INSERT ON billing_allocation FOR EACH ROW EXECUTE FUNCTION billing_rule_allocation_not_replaced();
CREATE OR REPLACE FUNCTION billing_rule_refund_not_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_refund WHERE id = NEW.id) THEN
        RAISE EXCEPTION 'What was recorded is never changed or deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refund_not_replaced BEFORE INSERT ON billing_refund FOR EACH ROW EXECUTE FUNCTION billing_rule_refund_not_replaced();
CREATE OR REPLACE FUNCTION billing_rule_settlement_not_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_settlement WHERE id = NEW.id) THEN
        RAISE EXCEPTION 'What was recorded is never changed or deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER settlement_not_replaced BEFORE INSERT ON billing_settlement FOR EACH ROW EXECUTE FUNCTION billing_rule_settlement_not_replaced();
CREATE OR REPLACE FUNCTION billing_rule_creditnote_not_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_creditnote WHERE id = NEW.id) THEN
        RAISE EXCEPTION 'What was recorded is never changed or deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER creditnote_not_replaced BEFORE INSERT ON billing_creditnote FOR EACH ROW EXECUTE FUNCTION billing_rule_creditnote_not_replaced();
CREATE OR REPLACE FUNCTION billing_rule_creditnote_number_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_creditnote WHERE number = NEW.number) THEN
        RAISE EXCEPTION 'What was recorded is never changed or deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER creditnote_number_kept BEFORE INSERT ON billing_creditnote FOR EACH ROW EXECUTE FUNCTION billing_rule_creditnote_number_kept();
CREATE TRIGGER billing_payment_not_emptied BEFORE TRUNCATE ON billing_payment FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER billing_allocation_not_emptied BEFORE TRUNCATE ON billing_allocation FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER billing_refund_not_emptied BEFORE TRUNCATE ON billing_refund FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER billing_settlement_not_emptied BEFORE TRUNCATE ON billing_settlement FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER billing_creditnote_not_emptied BEFORE TRUNCATE ON billing_creditnote FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
