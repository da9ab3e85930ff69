DROP TRIGGER IF EXISTS statement_not_overpaid;
DROP TRIGGER IF EXISTS payment_not_overspent;
DROP TRIGGER IF EXISTS refund_not_beyond;
DROP TRIGGER IF EXISTS allocation_not_early;
DROP TRIGGER IF EXISTS refund_not_early;
DROP TRIGGER IF EXISTS payment_void_is_unapplied;
DROP TRIGGER IF EXISTS statement_void_is_unapplied;
DROP TRIGGER IF EXISTS settlement_void_is_unapplied;
DROP TRIGGER IF EXISTS settlement_applied_as_it_says;
DROP TRIGGER IF EXISTS creditnote_applied_as_it_says;
CREATE TRIGGER payment_void_is_unapplied BEFORE UPDATE ON billing_payment
WHEN NEW.state = 'void' AND (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE payment_id =
    NEW.id) <> 0
BEGIN SELECT RAISE(ABORT, 'Money is applied to an issued statement, from what is posted, in one currency.'); END;
CREATE TRIGGER statement_not_overpaid BEFORE INSERT ON billing_allocation
WHEN (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE statement_id = NEW.statement_id) +
    NEW.amount > (SELECT total FROM billing_statement WHERE id = NEW.statement_id) OR (SELECT
    COALESCE(SUM(amount), 0) FROM billing_allocation WHERE statement_id = NEW.statement_id) + NEW.amount < 0
BEGIN SELECT RAISE(ABORT, 'A statement is not settled below zero.'); END;
CREATE TRIGGER payment_not_overspent BEFORE INSERT ON billing_allocation
WHEN NEW.payment_id IS NOT NULL AND ((SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE
    payment_id = NEW.payment_id) + NEW.amount + (SELECT COALESCE(SUM(amount), 0) FROM billing_refund WHERE
    payment_id = NEW.payment_id AND void_date IS NULL) > (SELECT amount FROM billing_payment WHERE id =
    NEW.payment_id))
BEGIN SELECT RAISE(ABORT, 'More than the payment is not applied or refunded.'); END;
CREATE TRIGGER refund_not_beyond BEFORE INSERT ON billing_refund
WHEN (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE payment_id = NEW.payment_id) +
    NEW.amount + (SELECT COALESCE(SUM(amount), 0) FROM billing_refund WHERE payment_id = NEW.payment_id AND
    void_date IS NULL) > (SELECT amount FROM billing_payment WHERE id = NEW.payment_id AND state <> 'draft')
BEGIN SELECT RAISE(ABORT, 'More than the payment is not applied or refunded.'); END;
CREATE TRIGGER statement_void_is_unapplied BEFORE UPDATE ON billing_statement
WHEN NEW.state = 'void' AND (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE statement_id =
    NEW.id) <> 0
BEGIN SELECT RAISE(ABORT, 'Money is applied to an issued statement, from what is posted, in one currency.'); END;
