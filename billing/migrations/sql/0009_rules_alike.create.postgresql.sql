DROP TRIGGER IF EXISTS payment_not_replaced ON billing_payment;
DROP FUNCTION IF EXISTS billing_rule_payment_not_replaced();
DROP TRIGGER IF EXISTS allocation_not_replaced ON billing_allocation;
DROP FUNCTION IF EXISTS billing_rule_allocation_not_replaced();
DROP TRIGGER IF EXISTS refund_not_replaced ON billing_refund;
DROP FUNCTION IF EXISTS billing_rule_refund_not_replaced();
DROP TRIGGER IF EXISTS settlement_not_replaced ON billing_settlement;
DROP FUNCTION IF EXISTS billing_rule_settlement_not_replaced();
DROP TRIGGER IF EXISTS creditnote_not_replaced ON billing_creditnote;
DROP FUNCTION IF EXISTS billing_rule_creditnote_not_replaced();
DROP TRIGGER IF EXISTS creditnote_number_kept ON billing_creditnote;
DROP FUNCTION IF EXISTS billing_rule_creditnote_number_kept();
DROP TRIGGER IF EXISTS billing_payment_not_emptied ON billing_payment;
DROP TRIGGER IF EXISTS billing_allocation_not_emptied ON billing_allocation;
DROP TRIGGER IF EXISTS billing_refund_not_emptied ON billing_refund;
DROP TRIGGER IF EXISTS billing_settlement_not_emptied ON billing_settlement;
DROP TRIGGER IF EXISTS billing_creditnote_not_emptied ON billing_creditnote;
DROP TRIGGER IF EXISTS statement_frozen ON billing_statement;
DROP TRIGGER IF EXISTS line_frozen ON billing_statementline;
DROP TRIGGER IF EXISTS counter_forward ON billing_counter;
DROP TRIGGER IF EXISTS document_frozen ON billing_document;
DROP TRIGGER IF EXISTS adjustment_frozen ON billing_counteradjustment;
DROP TRIGGER IF EXISTS billing_statement_not_emptied ON billing_statement;
DROP TRIGGER IF EXISTS billing_statementline_not_emptied ON billing_statementline;
DROP TRIGGER IF EXISTS billing_document_not_emptied ON billing_document;
DROP TRIGGER IF EXISTS billing_counteradjustment_not_emptied ON billing_counteradjustment;
DROP TRIGGER IF EXISTS billing_counter_not_emptied ON billing_counter;
DROP FUNCTION IF EXISTS billing_keep_statement();
DROP FUNCTION IF EXISTS billing_keep_line();
DROP FUNCTION IF EXISTS billing_keep_counter();
DROP FUNCTION IF EXISTS billing_refuse();
CREATE OR REPLACE FUNCTION billing_rule_statement_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL AND ((NEW.id IS DISTINCT FROM OLD.id OR NEW.client_id IS DISTINCT FROM
        OLD.client_id OR NEW.kind IS DISTINCT FROM OLD.kind OR NEW.engagement_id IS DISTINCT FROM
        OLD.engagement_id OR NEW.period_start IS DISTINCT FROM OLD.period_start OR NEW.period_end IS DISTINCT
        FROM OLD.period_end OR NEW.currency IS DISTINCT FROM OLD.currency OR NEW.total IS DISTINCT FROM
        OLD.total OR NEW.issue_date IS DISTINCT FROM OLD.issue_date OR NEW.due_date IS DISTINCT FROM
        OLD.due_date OR NEW.notes IS DISTINCT FROM OLD.notes OR NEW.sequence_id IS DISTINCT FROM
        OLD.sequence_id OR NEW.sequence_year IS DISTINCT FROM OLD.sequence_year OR NEW.sequence_number IS
        DISTINCT FROM OLD.sequence_number OR NEW.number IS DISTINCT FROM OLD.number OR NEW.snapshot IS
        DISTINCT FROM OLD.snapshot OR NEW.replaces_id IS DISTINCT FROM OLD.replaces_id OR NEW.created_by_id IS
        DISTINCT FROM OLD.created_by_id OR NEW.created_at IS DISTINCT FROM OLD.created_at OR
        NEW.submitted_by_id IS DISTINCT FROM OLD.submitted_by_id OR NEW.submitted_at IS DISTINCT FROM
        OLD.submitted_at OR NEW.return_comment IS DISTINCT FROM OLD.return_comment OR NEW.issued_by_id IS
        DISTINCT FROM OLD.issued_by_id OR NEW.issued_at IS DISTINCT FROM OLD.issued_at) OR NEW.state NOT IN
        ('issued', 'void') OR (OLD.state = 'void' AND (NEW.state IS DISTINCT FROM OLD.state OR
        NEW.voided_by_id IS DISTINCT FROM OLD.voided_by_id OR NEW.voided_at IS DISTINCT FROM OLD.voided_at OR
        NEW.void_date IS DISTINCT FROM OLD.void_date OR NEW.void_reason IS DISTINCT FROM OLD.void_reason)))
        THEN
        RAISE EXCEPTION 'An issued statement is frozen.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statement_frozen BEFORE UPDATE ON billing_statement
    FOR EACH ROW EXECUTE FUNCTION billing_rule_statement_frozen();
CREATE OR REPLACE FUNCTION billing_rule_statement_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL THEN
        RAISE EXCEPTION 'An issued statement is frozen.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER statement_kept BEFORE DELETE ON billing_statement
    FOR EACH ROW EXECUTE FUNCTION billing_rule_statement_kept();
CREATE OR REPLACE FUNCTION billing_rule_line_not_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_statement WHERE id = NEW.statement_id AND number IS NOT NULL) THEN
        RAISE EXCEPTION 'The lines of an issued statement are frozen.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER line_not_added BEFORE INSERT ON billing_statementline
    FOR EACH ROW EXECUTE FUNCTION billing_rule_line_not_added();
CREATE OR REPLACE FUNCTION billing_rule_line_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_statement WHERE id = OLD.statement_id AND number IS NOT NULL) OR EXISTS
        (SELECT 1 FROM billing_statement WHERE id = NEW.statement_id AND number IS NOT NULL) THEN
        RAISE EXCEPTION 'The lines of an issued statement are frozen.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER line_frozen BEFORE UPDATE ON billing_statementline
    FOR EACH ROW EXECUTE FUNCTION billing_rule_line_frozen();
CREATE OR REPLACE FUNCTION billing_rule_line_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_statement WHERE id = OLD.statement_id AND number IS NOT NULL) THEN
        RAISE EXCEPTION 'The lines of an issued statement are frozen.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER line_kept BEFORE DELETE ON billing_statementline
    FOR EACH ROW EXECUTE FUNCTION billing_rule_line_kept();
CREATE OR REPLACE FUNCTION billing_rule_document_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'A stored document is never changed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER document_frozen BEFORE UPDATE ON billing_document
    FOR EACH ROW EXECUTE FUNCTION billing_rule_document_frozen();
CREATE OR REPLACE FUNCTION billing_rule_document_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'A stored document is never changed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER document_kept BEFORE DELETE ON billing_document
    FOR EACH ROW EXECUTE FUNCTION billing_rule_document_kept();
CREATE OR REPLACE FUNCTION billing_rule_adjustment_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'The record of a moved counter is never changed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER adjustment_frozen BEFORE UPDATE ON billing_counteradjustment
    FOR EACH ROW EXECUTE FUNCTION billing_rule_adjustment_frozen();
CREATE OR REPLACE FUNCTION billing_rule_adjustment_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'The record of a moved counter is never changed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER adjustment_kept BEFORE DELETE ON billing_counteradjustment
    FOR EACH ROW EXECUTE FUNCTION billing_rule_adjustment_kept();
CREATE OR REPLACE FUNCTION billing_rule_counter_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.last_number < OLD.last_number OR (NEW.sequence_id IS DISTINCT FROM OLD.sequence_id OR NEW.year IS
        DISTINCT FROM OLD.year) THEN
        RAISE EXCEPTION 'A counter moves forward only.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER counter_forward BEFORE UPDATE ON billing_counter
    FOR EACH ROW EXECUTE FUNCTION billing_rule_counter_forward();
CREATE OR REPLACE FUNCTION billing_rule_counter_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.last_number > 0 THEN
        RAISE EXCEPTION 'A counter moves forward only.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER counter_kept BEFORE DELETE ON billing_counter
    FOR EACH ROW EXECUTE FUNCTION billing_rule_counter_kept();
CREATE OR REPLACE FUNCTION billing_rule_billing_statement_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'What was issued is never changed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_statement_not_emptied BEFORE TRUNCATE ON billing_statement
    FOR EACH STATEMENT EXECUTE FUNCTION billing_rule_billing_statement_not_emptied();
CREATE OR REPLACE FUNCTION billing_rule_billing_statementline_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'What was issued is never changed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_statementline_not_emptied BEFORE TRUNCATE ON billing_statementline
    FOR EACH STATEMENT EXECUTE FUNCTION billing_rule_billing_statementline_not_emptied();
CREATE OR REPLACE FUNCTION billing_rule_billing_document_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'What was issued is never changed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_document_not_emptied BEFORE TRUNCATE ON billing_document
    FOR EACH STATEMENT EXECUTE FUNCTION billing_rule_billing_document_not_emptied();
CREATE OR REPLACE FUNCTION billing_rule_billing_counteradjustment_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'What was issued is never changed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_counteradjustment_not_emptied BEFORE TRUNCATE ON billing_counteradjustment
    FOR EACH STATEMENT EXECUTE FUNCTION billing_rule_billing_counteradjustment_not_emptied();
CREATE OR REPLACE FUNCTION billing_rule_billing_counter_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'What was issued is never changed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_counter_not_emptied BEFORE TRUNCATE ON billing_counter
    FOR EACH STATEMENT EXECUTE FUNCTION billing_rule_billing_counter_not_emptied();
CREATE OR REPLACE FUNCTION billing_rule_billing_payment_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'What was issued is never changed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_payment_not_emptied BEFORE TRUNCATE ON billing_payment
    FOR EACH STATEMENT EXECUTE FUNCTION billing_rule_billing_payment_not_emptied();
CREATE OR REPLACE FUNCTION billing_rule_billing_allocation_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'What was issued is never changed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_allocation_not_emptied BEFORE TRUNCATE ON billing_allocation
    FOR EACH STATEMENT EXECUTE FUNCTION billing_rule_billing_allocation_not_emptied();
CREATE OR REPLACE FUNCTION billing_rule_billing_refund_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'What was issued is never changed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_refund_not_emptied BEFORE TRUNCATE ON billing_refund
    FOR EACH STATEMENT EXECUTE FUNCTION billing_rule_billing_refund_not_emptied();
CREATE OR REPLACE FUNCTION billing_rule_billing_settlement_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'What was issued is never changed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_settlement_not_emptied BEFORE TRUNCATE ON billing_settlement
    FOR EACH STATEMENT EXECUTE FUNCTION billing_rule_billing_settlement_not_emptied();
CREATE OR REPLACE FUNCTION billing_rule_billing_creditnote_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'What was issued is never changed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_creditnote_not_emptied BEFORE TRUNCATE ON billing_creditnote
    FOR EACH STATEMENT EXECUTE FUNCTION billing_rule_billing_creditnote_not_emptied();
