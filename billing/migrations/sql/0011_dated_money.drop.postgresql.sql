DROP TRIGGER IF EXISTS statement_not_overpaid ON billing_allocation;
DROP FUNCTION IF EXISTS billing_rule_statement_not_overpaid();
DROP TRIGGER IF EXISTS payment_not_overspent ON billing_allocation;
DROP FUNCTION IF EXISTS billing_rule_payment_not_overspent();
DROP TRIGGER IF EXISTS refund_not_beyond ON billing_refund;
DROP FUNCTION IF EXISTS billing_rule_refund_not_beyond();
DROP TRIGGER IF EXISTS allocation_not_early ON billing_allocation;
DROP FUNCTION IF EXISTS billing_rule_allocation_not_early();
DROP TRIGGER IF EXISTS refund_not_early ON billing_refund;
DROP FUNCTION IF EXISTS billing_rule_refund_not_early();
DROP TRIGGER IF EXISTS payment_void_is_unapplied ON billing_payment;
DROP FUNCTION IF EXISTS billing_rule_payment_void_is_unapplied();
DROP TRIGGER IF EXISTS statement_void_is_unapplied ON billing_statement;
DROP FUNCTION IF EXISTS billing_rule_statement_void_is_unapplied();
DROP TRIGGER IF EXISTS settlement_void_is_unapplied ON billing_settlement;
DROP FUNCTION IF EXISTS billing_rule_settlement_void_is_unapplied();
DROP TRIGGER IF EXISTS settlement_applied_as_it_says ON billing_allocation;
DROP FUNCTION IF EXISTS billing_rule_settlement_applied_as_it_says();
DROP TRIGGER IF EXISTS creditnote_applied_as_it_says ON billing_allocation;
DROP FUNCTION IF EXISTS billing_rule_creditnote_applied_as_it_says();
CREATE OR REPLACE FUNCTION billing_rule_payment_void_is_unapplied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'void' AND (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE payment_id
        = NEW.id) <> 0 THEN
        RAISE EXCEPTION 'Money is applied to an issued statement, from what is posted, in one currency.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_void_is_unapplied BEFORE UPDATE ON billing_payment
    FOR EACH ROW EXECUTE FUNCTION billing_rule_payment_void_is_unapplied();
CREATE OR REPLACE FUNCTION billing_rule_statement_not_overpaid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE statement_id = NEW.statement_id) +
        NEW.amount > (SELECT total FROM billing_statement WHERE id = NEW.statement_id) OR (SELECT
        COALESCE(SUM(amount), 0) FROM billing_allocation WHERE statement_id = NEW.statement_id) + NEW.amount
        < 0 THEN
        RAISE EXCEPTION 'A statement is not settled below zero.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statement_not_overpaid BEFORE INSERT ON billing_allocation
    FOR EACH ROW EXECUTE FUNCTION billing_rule_statement_not_overpaid();
CREATE OR REPLACE FUNCTION billing_rule_payment_not_overspent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.payment_id IS NOT NULL AND ((SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE
        payment_id = NEW.payment_id) + NEW.amount + (SELECT COALESCE(SUM(amount), 0) FROM billing_refund
        WHERE payment_id = NEW.payment_id AND void_date IS NULL) > (SELECT amount FROM billing_payment WHERE
        id = NEW.payment_id)) THEN
        RAISE EXCEPTION 'More than the payment is not applied or refunded.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_not_overspent BEFORE INSERT ON billing_allocation
    FOR EACH ROW EXECUTE FUNCTION billing_rule_payment_not_overspent();
CREATE OR REPLACE FUNCTION billing_rule_refund_not_beyond() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE payment_id = NEW.payment_id) +
        NEW.amount + (SELECT COALESCE(SUM(amount), 0) FROM billing_refund WHERE payment_id = NEW.payment_id
        AND void_date IS NULL) > (SELECT amount FROM billing_payment WHERE id = NEW.payment_id AND state <>
        'draft') THEN
        RAISE EXCEPTION 'More than the payment is not applied or refunded.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refund_not_beyond BEFORE INSERT ON billing_refund
    FOR EACH ROW EXECUTE FUNCTION billing_rule_refund_not_beyond();
CREATE OR REPLACE FUNCTION billing_rule_statement_void_is_unapplied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'void' AND (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE
        statement_id = NEW.id) <> 0 THEN
        RAISE EXCEPTION 'Money is applied to an issued statement, from what is posted, in one currency.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statement_void_is_unapplied BEFORE UPDATE ON billing_statement
    FOR EACH ROW EXECUTE FUNCTION billing_rule_statement_void_is_unapplied();
