CREATE OR REPLACE FUNCTION bills_rule_bills_split_currency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM bills_payment p, bills_occurrence o WHERE p.id = NEW.payment_id AND o.id = NEW.occurrence_id AND p.currency <> o.currency) THEN
        RAISE EXCEPTION 'A payment settles due dates of its own currency.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bills_split_currency BEFORE INSERT ON bills_paymentsplit
    FOR EACH ROW EXECUTE FUNCTION bills_rule_bills_split_currency();
CREATE OR REPLACE FUNCTION bills_rule_bills_split_currency_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM bills_payment p, bills_occurrence o WHERE p.id = NEW.payment_id AND o.id = NEW.occurrence_id AND p.currency <> o.currency) THEN
        RAISE EXCEPTION 'A payment settles due dates of its own currency.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bills_split_currency_kept BEFORE UPDATE ON bills_paymentsplit
    FOR EACH ROW EXECUTE FUNCTION bills_rule_bills_split_currency_kept();
CREATE OR REPLACE FUNCTION bills_rule_bills_payment_currency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.deleted_at IS NULL AND (NEW.currency IS DISTINCT FROM OLD.currency OR (OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL)) AND EXISTS (SELECT 1 FROM bills_paymentsplit s, bills_occurrence o WHERE s.payment_id = NEW.id AND o.id = s.occurrence_id AND o.currency <> NEW.currency) THEN
        RAISE EXCEPTION 'A payment settles due dates of its own currency.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bills_payment_currency BEFORE UPDATE ON bills_payment
    FOR EACH ROW EXECUTE FUNCTION bills_rule_bills_payment_currency();
CREATE OR REPLACE FUNCTION bills_rule_bills_occurrence_currency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.currency IS DISTINCT FROM OLD.currency AND EXISTS (SELECT 1 FROM bills_paymentsplit s, bills_payment p WHERE s.occurrence_id = NEW.id AND p.id = s.payment_id AND p.deleted_at IS NULL AND p.currency <> NEW.currency) THEN
        RAISE EXCEPTION 'A payment settles due dates of its own currency.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bills_occurrence_currency BEFORE UPDATE ON bills_occurrence
    FOR EACH ROW EXECUTE FUNCTION bills_rule_bills_occurrence_currency();
