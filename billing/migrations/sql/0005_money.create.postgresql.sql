CREATE OR REPLACE FUNCTION billing_rule_payment_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.state <> OLD.state AND NOT ((OLD.state = 'draft' AND NEW.state = 'posted') OR (OLD.state =
        'posted' AND NEW.state = 'verified') OR (OLD.state = 'posted' AND NEW.state = 'void') OR (OLD.state =
        'verified' AND NEW.state = 'void'))) OR (OLD.state <> 'draft' AND (NEW.id IS DISTINCT FROM OLD.id OR
        NEW.client_id IS DISTINCT FROM OLD.client_id OR NEW.paid_on IS DISTINCT FROM OLD.paid_on OR NEW.amount
        IS DISTINCT FROM OLD.amount OR NEW.currency IS DISTINCT FROM OLD.currency OR NEW.method IS DISTINCT
        FROM OLD.method OR NEW.manual_number IS DISTINCT FROM OLD.manual_number OR NEW.manual_key IS DISTINCT
        FROM OLD.manual_key OR NEW.reference IS DISTINCT FROM OLD.reference OR NEW.recorded_by_id IS DISTINCT
        FROM OLD.recorded_by_id OR NEW.recorded_at IS DISTINCT FROM OLD.recorded_at OR NEW.posted_by_id IS
        DISTINCT FROM OLD.posted_by_id OR NEW.posted_at IS DISTINCT FROM OLD.posted_at)) OR (OLD.state IN
        ('verified', 'void') AND (NEW.notes IS DISTINCT FROM OLD.notes OR NEW.verified_by_id IS DISTINCT FROM
        OLD.verified_by_id OR NEW.verified_at IS DISTINCT FROM OLD.verified_at)) OR (OLD.state = 'void' AND
        (NEW.voided_by_id IS DISTINCT FROM OLD.voided_by_id OR NEW.voided_at IS DISTINCT FROM OLD.voided_at OR
        NEW.void_date IS DISTINCT FROM OLD.void_date OR NEW.void_reason IS DISTINCT FROM OLD.void_reason OR
        NEW.void_cause IS DISTINCT FROM OLD.void_cause)) THEN
        RAISE EXCEPTION 'A posted payment is frozen.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_frozen BEFORE UPDATE ON billing_payment FOR EACH ROW EXECUTE FUNCTION billing_rule_payment_frozen();
CREATE OR REPLACE FUNCTION billing_rule_payment_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' THEN
        RAISE EXCEPTION 'A posted payment is never deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER payment_kept BEFORE DELETE ON billing_payment FOR EACH ROW EXECUTE FUNCTION billing_rule_payment_kept();
CREATE OR REPLACE FUNCTION billing_rule_payment_not_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_payment WHERE state <> 'draft' AND (id = NEW.id OR (state <> 'void' AND
        manual_key <> '' AND manual_key = NEW.manual_key))) THEN
        RAISE EXCEPTION 'A posted payment is frozen.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_not_replaced BEFORE INSERT ON billing_payment FOR EACH ROW EXECUTE FUNCTION billing_rule_payment_not_replaced();
CREATE OR REPLACE FUNCTION billing_rule_payment_void_is_unapplied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'void' AND (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE payment_id =
        NEW.id) <> 0 THEN
        RAISE EXCEPTION 'Money is applied to an issued statement, from what is posted, in one currency.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_void_is_unapplied BEFORE UPDATE ON billing_payment FOR EACH ROW EXECUTE FUNCTION billing_rule_payment_void_is_unapplied();
CREATE OR REPLACE FUNCTION billing_rule_allocation_kept_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'Allocations are only added; a reversal takes one back.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER allocation_kept_update BEFORE UPDATE ON billing_allocation FOR EACH ROW EXECUTE FUNCTION billing_rule_allocation_kept_update();
CREATE OR REPLACE FUNCTION billing_rule_allocation_kept_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'Allocations are only added; a reversal takes one back.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER allocation_kept_delete BEFORE DELETE ON billing_allocation FOR EACH ROW EXECUTE FUNCTION billing_rule_allocation_kept_delete();
CREATE OR REPLACE FUNCTION billing_rule_allocation_not_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_allocation WHERE id = NEW.id OR (NEW.reverses_id IS NOT NULL AND
        reverses_id = NEW.reverses_id)) THEN
        RAISE EXCEPTION 'Allocations are only added; a reversal takes one back.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER allocation_not_replaced BEFORE INSERT ON billing_allocation FOR EACH ROW EXECUTE FUNCTION billing_rule_allocation_not_replaced();
CREATE OR REPLACE FUNCTION billing_rule_statement_not_overpaid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE statement_id = NEW.statement_id) +
        NEW.amount > (SELECT total FROM billing_statement WHERE id = NEW.statement_id) OR (SELECT
        COALESCE(SUM(amount), 0) FROM billing_allocation WHERE statement_id = NEW.statement_id) + NEW.amount <
        0 THEN
        RAISE EXCEPTION 'A statement is not settled below zero.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statement_not_overpaid BEFORE INSERT ON billing_allocation FOR EACH ROW EXECUTE FUNCTION billing_rule_statement_not_overpaid();
CREATE OR REPLACE FUNCTION billing_rule_payment_not_overspent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.payment_id IS NOT NULL AND ((SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE
        payment_id = NEW.payment_id) + NEW.amount + (SELECT COALESCE(SUM(amount), 0) FROM billing_refund WHERE
        payment_id = NEW.payment_id AND void_date IS NULL) > (SELECT amount FROM billing_payment WHERE id =
        NEW.payment_id)) THEN
        RAISE EXCEPTION 'More than the payment is not applied or refunded.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_not_overspent BEFORE INSERT ON billing_allocation FOR EACH ROW EXECUTE FUNCTION billing_rule_payment_not_overspent();
CREATE OR REPLACE FUNCTION billing_rule_allocation_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reverses_id IS NULL AND NOT (EXISTS (SELECT 1 FROM billing_statement WHERE id = NEW.statement_id
        AND state = 'issued') AND (NEW.payment_id IS NULL OR EXISTS (SELECT 1 FROM billing_payment AS paid
        JOIN billing_statement AS owed ON owed.currency = paid.currency WHERE paid.id = NEW.payment_id AND
        owed.id = NEW.statement_id AND paid.state IN ('posted', 'verified')))) THEN
        RAISE EXCEPTION 'Money is applied to an issued statement, from what is posted, in one currency.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER allocation_fits BEFORE INSERT ON billing_allocation FOR EACH ROW EXECUTE FUNCTION billing_rule_allocation_fits();
CREATE OR REPLACE FUNCTION billing_rule_reversal_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM billing_allocation AS first WHERE first.id =
        NEW.reverses_id AND first.reverses_id IS NULL AND first.amount = -NEW.amount AND first.statement_id =
        NEW.statement_id AND first.effective_on <= NEW.effective_on AND COALESCE(first.payment_id, 0) =
        COALESCE(NEW.payment_id, 0) AND COALESCE(first.settlement_id, 0) = COALESCE(NEW.settlement_id, 0) AND
        COALESCE(first.credit_note_id, 0) = COALESCE(NEW.credit_note_id, 0)) THEN
        RAISE EXCEPTION 'A reversal takes back one row, whole.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reversal_is_whole BEFORE INSERT ON billing_allocation FOR EACH ROW EXECUTE FUNCTION billing_rule_reversal_is_whole();
CREATE OR REPLACE FUNCTION billing_rule_refund_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id IS DISTINCT FROM OLD.id OR NEW.payment_id IS DISTINCT FROM OLD.payment_id OR NEW.refunded_on IS
        DISTINCT FROM OLD.refunded_on OR NEW.amount IS DISTINCT FROM OLD.amount OR NEW.method IS DISTINCT FROM
        OLD.method OR NEW.reference IS DISTINCT FROM OLD.reference OR NEW.reason IS DISTINCT FROM OLD.reason
        OR NEW.recorded_by_id IS DISTINCT FROM OLD.recorded_by_id OR NEW.recorded_at IS DISTINCT FROM
        OLD.recorded_at) OR (OLD.void_date IS NOT NULL AND (NEW.voided_by_id IS DISTINCT FROM OLD.voided_by_id
        OR NEW.voided_at IS DISTINCT FROM OLD.voided_at OR NEW.void_date IS DISTINCT FROM OLD.void_date OR
        NEW.void_reason IS DISTINCT FROM OLD.void_reason)) THEN
        RAISE EXCEPTION 'What was recorded is never changed or deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refund_frozen BEFORE UPDATE ON billing_refund FOR EACH ROW EXECUTE FUNCTION billing_rule_refund_frozen();
CREATE OR REPLACE FUNCTION billing_rule_settlement_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id IS DISTINCT FROM OLD.id OR NEW.statement_id IS DISTINCT FROM OLD.statement_id OR NEW.kind IS
        DISTINCT FROM OLD.kind OR NEW.settled_on IS DISTINCT FROM OLD.settled_on OR NEW.amount IS DISTINCT
        FROM OLD.amount OR NEW.reason IS DISTINCT FROM OLD.reason OR NEW.recorded_by_id IS DISTINCT FROM
        OLD.recorded_by_id OR NEW.recorded_at IS DISTINCT FROM OLD.recorded_at) OR (OLD.void_date IS NOT NULL
        AND (NEW.voided_by_id IS DISTINCT FROM OLD.voided_by_id OR NEW.voided_at IS DISTINCT FROM
        OLD.voided_at OR NEW.void_date IS DISTINCT FROM OLD.void_date OR NEW.void_reason IS DISTINCT FROM
        OLD.void_reason)) THEN
        RAISE EXCEPTION 'What was recorded is never changed or deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER settlement_frozen BEFORE UPDATE ON billing_settlement FOR EACH ROW EXECUTE FUNCTION billing_rule_settlement_frozen();
CREATE OR REPLACE FUNCTION billing_rule_creditnote_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'What was recorded is never changed or deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER creditnote_frozen BEFORE UPDATE ON billing_creditnote FOR EACH ROW EXECUTE FUNCTION billing_rule_creditnote_frozen();
CREATE OR REPLACE FUNCTION billing_rule_refund_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'What was recorded is never changed or deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER refund_kept BEFORE DELETE ON billing_refund FOR EACH ROW EXECUTE FUNCTION billing_rule_refund_kept();
CREATE OR REPLACE FUNCTION billing_rule_refund_not_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_refund WHERE id = NEW.id) THEN
        RAISE EXCEPTION 'What was recorded is never changed or deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refund_not_replaced BEFORE INSERT ON billing_refund FOR EACH ROW EXECUTE FUNCTION billing_rule_refund_not_replaced();
CREATE OR REPLACE FUNCTION billing_rule_settlement_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'What was recorded is never changed or deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER settlement_kept BEFORE DELETE ON billing_settlement FOR EACH ROW EXECUTE FUNCTION billing_rule_settlement_kept();
CREATE OR REPLACE FUNCTION billing_rule_settlement_not_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_settlement WHERE id = NEW.id) THEN
        RAISE EXCEPTION 'What was recorded is never changed or deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER settlement_not_replaced BEFORE INSERT ON billing_settlement FOR EACH ROW EXECUTE FUNCTION billing_rule_settlement_not_replaced();
CREATE OR REPLACE FUNCTION billing_rule_creditnote_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'What was recorded is never changed or deleted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER creditnote_kept BEFORE DELETE ON billing_creditnote FOR EACH ROW EXECUTE FUNCTION billing_rule_creditnote_kept();
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
CREATE TRIGGER refund_not_beyond BEFORE INSERT ON billing_refund FOR EACH ROW EXECUTE FUNCTION billing_rule_refund_not_beyond();
CREATE OR REPLACE FUNCTION billing_rule_statement_void_is_unapplied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'void' AND (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE statement_id =
        NEW.id) <> 0 THEN
        RAISE EXCEPTION 'Money is applied to an issued statement, from what is posted, in one currency.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statement_void_is_unapplied BEFORE UPDATE ON billing_statement FOR EACH ROW EXECUTE FUNCTION billing_rule_statement_void_is_unapplied();
CREATE OR REPLACE FUNCTION billing_rule_month_issue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.number IS NULL AND NEW.number IS NOT NULL) AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE
        NEW.issue_date < shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND
        NEW.issue_date >= shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE
        leave.period_id = shut.id AND leave.user_id = NEW.issued_by_id AND leave.until > NEW.issued_at AND
        leave.ended_at IS NULL)))) THEN
        RAISE EXCEPTION 'The month is locked or closed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER month_issue BEFORE UPDATE ON billing_statement FOR EACH ROW EXECUTE FUNCTION billing_rule_month_issue();
CREATE OR REPLACE FUNCTION billing_rule_month_issue_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.number IS NOT NULL) AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE NEW.issue_date <
        shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.issue_date >=
        shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id =
        shut.id AND leave.user_id = NEW.issued_by_id AND leave.until > NEW.issued_at AND leave.ended_at IS
        NULL)))) THEN
        RAISE EXCEPTION 'The month is locked or closed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER month_issue_insert BEFORE INSERT ON billing_statement FOR EACH ROW EXECUTE FUNCTION billing_rule_month_issue_insert();
CREATE OR REPLACE FUNCTION billing_rule_month_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.number IS NULL AND NEW.kind = 'retainer' AND NEW.replaces_id IS NULL) AND EXISTS (SELECT 1 FROM
        billing_period AS shut WHERE NEW.period_start < shut.ends_before AND (shut.state = 'closed' OR
        (shut.state = 'locked' AND NEW.period_start >= shut.starts_on AND NOT EXISTS (SELECT 1 FROM
        billing_periodexception AS leave WHERE leave.period_id = shut.id AND leave.user_id = NEW.created_by_id
        AND leave.until > NEW.created_at AND leave.ended_at IS NULL)))) THEN
        RAISE EXCEPTION 'The month is locked or closed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER month_cycle BEFORE INSERT ON billing_statement FOR EACH ROW EXECUTE FUNCTION billing_rule_month_cycle();
CREATE OR REPLACE FUNCTION billing_rule_month_statement_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.void_date IS NOT NULL AND OLD.void_date IS NULL) AND EXISTS (SELECT 1 FROM billing_period AS shut
        WHERE NEW.void_date < shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND
        NEW.void_date >= shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE
        leave.period_id = shut.id AND leave.user_id = NEW.voided_by_id AND leave.until > NEW.voided_at AND
        leave.ended_at IS NULL)))) THEN
        RAISE EXCEPTION 'The month is locked or closed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER month_statement_void BEFORE UPDATE ON billing_statement FOR EACH ROW EXECUTE FUNCTION billing_rule_month_statement_void();
CREATE OR REPLACE FUNCTION billing_rule_month_payment_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.void_date IS NOT NULL AND OLD.void_date IS NULL) AND EXISTS (SELECT 1 FROM billing_period AS shut
        WHERE NEW.void_date < shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND
        NEW.void_date >= shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE
        leave.period_id = shut.id AND leave.user_id = NEW.voided_by_id AND leave.until > NEW.voided_at AND
        leave.ended_at IS NULL)))) THEN
        RAISE EXCEPTION 'The month is locked or closed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER month_payment_void BEFORE UPDATE ON billing_payment FOR EACH ROW EXECUTE FUNCTION billing_rule_month_payment_void();
CREATE OR REPLACE FUNCTION billing_rule_month_refund_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.void_date IS NOT NULL AND OLD.void_date IS NULL) AND EXISTS (SELECT 1 FROM billing_period AS shut
        WHERE NEW.void_date < shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND
        NEW.void_date >= shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE
        leave.period_id = shut.id AND leave.user_id = NEW.voided_by_id AND leave.until > NEW.voided_at AND
        leave.ended_at IS NULL)))) THEN
        RAISE EXCEPTION 'The month is locked or closed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER month_refund_void BEFORE UPDATE ON billing_refund FOR EACH ROW EXECUTE FUNCTION billing_rule_month_refund_void();
CREATE OR REPLACE FUNCTION billing_rule_month_settlement_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.void_date IS NOT NULL AND OLD.void_date IS NULL) AND EXISTS (SELECT 1 FROM billing_period AS shut
        WHERE NEW.void_date < shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND
        NEW.void_date >= shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE
        leave.period_id = shut.id AND leave.user_id = NEW.voided_by_id AND leave.until > NEW.voided_at AND
        leave.ended_at IS NULL)))) THEN
        RAISE EXCEPTION 'The month is locked or closed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER month_settlement_void BEFORE UPDATE ON billing_settlement FOR EACH ROW EXECUTE FUNCTION billing_rule_month_settlement_void();
CREATE OR REPLACE FUNCTION billing_rule_month_payment_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.state = 'posted' AND OLD.state = 'draft') AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE
        NEW.paid_on < shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.paid_on >=
        shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id =
        shut.id AND leave.user_id = NEW.posted_by_id AND leave.until > NEW.posted_at AND leave.ended_at IS
        NULL)))) THEN
        RAISE EXCEPTION 'The month is locked or closed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER month_payment_post BEFORE UPDATE ON billing_payment FOR EACH ROW EXECUTE FUNCTION billing_rule_month_payment_post();
CREATE OR REPLACE FUNCTION billing_rule_month_payment_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.state <> 'draft') AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE NEW.paid_on <
        shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.paid_on >=
        shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id =
        shut.id AND leave.user_id = NEW.posted_by_id AND leave.until > NEW.posted_at AND leave.ended_at IS
        NULL)))) THEN
        RAISE EXCEPTION 'The month is locked or closed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER month_payment_insert BEFORE INSERT ON billing_payment FOR EACH ROW EXECUTE FUNCTION billing_rule_month_payment_insert();
CREATE OR REPLACE FUNCTION billing_rule_month_allocation_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (1 = 1) AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE NEW.effective_on < shut.ends_before AND
        (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.effective_on >= shut.starts_on AND NOT EXISTS
        (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id = shut.id AND leave.user_id =
        NEW.created_by_id AND leave.until > NEW.created_at AND leave.ended_at IS NULL)))) THEN
        RAISE EXCEPTION 'The month is locked or closed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER month_allocation_insert BEFORE INSERT ON billing_allocation FOR EACH ROW EXECUTE FUNCTION billing_rule_month_allocation_insert();
CREATE OR REPLACE FUNCTION billing_rule_month_refund_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (1 = 1) AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE NEW.refunded_on < shut.ends_before AND
        (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.refunded_on >= shut.starts_on AND NOT EXISTS
        (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id = shut.id AND leave.user_id =
        NEW.recorded_by_id AND leave.until > NEW.recorded_at AND leave.ended_at IS NULL)))) THEN
        RAISE EXCEPTION 'The month is locked or closed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER month_refund_insert BEFORE INSERT ON billing_refund FOR EACH ROW EXECUTE FUNCTION billing_rule_month_refund_insert();
CREATE OR REPLACE FUNCTION billing_rule_month_settlement_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (1 = 1) AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE NEW.settled_on < shut.ends_before AND
        (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.settled_on >= shut.starts_on AND NOT EXISTS
        (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id = shut.id AND leave.user_id =
        NEW.recorded_by_id AND leave.until > NEW.recorded_at AND leave.ended_at IS NULL)))) THEN
        RAISE EXCEPTION 'The month is locked or closed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER month_settlement_insert BEFORE INSERT ON billing_settlement FOR EACH ROW EXECUTE FUNCTION billing_rule_month_settlement_insert();
CREATE OR REPLACE FUNCTION billing_rule_month_creditnote_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (1 = 1) AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE NEW.issue_date < shut.ends_before AND
        (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.issue_date >= shut.starts_on AND NOT EXISTS
        (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id = shut.id AND leave.user_id =
        NEW.issued_by_id AND leave.until > NEW.issued_at AND leave.ended_at IS NULL)))) THEN
        RAISE EXCEPTION 'The month is locked or closed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER month_creditnote_insert BEFORE INSERT ON billing_creditnote FOR EACH ROW EXECUTE FUNCTION billing_rule_month_creditnote_insert();
CREATE TRIGGER billing_payment_not_emptied BEFORE TRUNCATE ON billing_payment FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER billing_allocation_not_emptied BEFORE TRUNCATE ON billing_allocation FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER billing_refund_not_emptied BEFORE TRUNCATE ON billing_refund FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER billing_settlement_not_emptied BEFORE TRUNCATE ON billing_settlement FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
CREATE TRIGGER billing_creditnote_not_emptied BEFORE TRUNCATE ON billing_creditnote FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse();
