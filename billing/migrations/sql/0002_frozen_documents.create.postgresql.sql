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
