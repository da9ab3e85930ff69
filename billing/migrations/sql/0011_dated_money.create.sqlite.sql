DROP TRIGGER IF EXISTS payment_void_is_unapplied;
DROP TRIGGER IF EXISTS statement_not_overpaid;
DROP TRIGGER IF EXISTS payment_not_overspent;
DROP TRIGGER IF EXISTS refund_not_beyond;
DROP TRIGGER IF EXISTS statement_void_is_unapplied;
CREATE TRIGGER statement_not_overpaid BEFORE INSERT ON billing_allocation
WHEN NEW.reverses_id IS NULL AND EXISTS (SELECT 1 FROM (SELECT NEW.effective_on AS day UNION SELECT
    effective_on FROM billing_allocation WHERE statement_id = NEW.statement_id AND effective_on >
    NEW.effective_on) AS days WHERE (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE statement_id
    = NEW.statement_id AND effective_on <= days.day) + NEW.amount > (SELECT total FROM billing_statement WHERE
    id = NEW.statement_id))
BEGIN SELECT RAISE(ABORT, 'A statement is not settled below zero.'); END;
CREATE TRIGGER payment_not_overspent BEFORE INSERT ON billing_allocation
WHEN NEW.reverses_id IS NULL AND NEW.payment_id IS NOT NULL AND EXISTS (SELECT 1 FROM (SELECT
    NEW.effective_on AS day UNION SELECT effective_on FROM billing_allocation WHERE payment_id = NEW.payment_id
    AND effective_on > NEW.effective_on UNION SELECT refunded_on FROM billing_refund WHERE payment_id =
    NEW.payment_id AND refunded_on > NEW.effective_on) AS days WHERE (SELECT COALESCE(SUM(amount), 0) FROM
    billing_allocation WHERE payment_id = NEW.payment_id AND effective_on <= days.day) + (SELECT
    COALESCE(SUM(amount), 0) FROM billing_refund WHERE payment_id = NEW.payment_id AND refunded_on <= days.day
    AND (void_date IS NULL OR void_date > days.day)) + NEW.amount > (SELECT amount FROM billing_payment WHERE id
    = NEW.payment_id))
BEGIN SELECT RAISE(ABORT, 'More than the payment is not applied or refunded.'); END;
CREATE TRIGGER refund_not_beyond BEFORE INSERT ON billing_refund
WHEN EXISTS (SELECT 1 FROM (SELECT NEW.refunded_on AS day UNION SELECT effective_on FROM billing_allocation
    WHERE payment_id = NEW.payment_id AND effective_on > NEW.refunded_on UNION SELECT refunded_on FROM
    billing_refund WHERE payment_id = NEW.payment_id AND refunded_on > NEW.refunded_on) AS days WHERE (SELECT
    COALESCE(SUM(amount), 0) FROM billing_allocation WHERE payment_id = NEW.payment_id AND effective_on <=
    days.day) + (SELECT COALESCE(SUM(amount), 0) FROM billing_refund WHERE payment_id = NEW.payment_id AND
    refunded_on <= days.day AND (void_date IS NULL OR void_date > days.day)) + NEW.amount > (SELECT amount FROM
    billing_payment WHERE id = NEW.payment_id))
BEGIN SELECT RAISE(ABORT, 'More than the payment is not applied or refunded.'); END;
CREATE TRIGGER allocation_not_early BEFORE INSERT ON billing_allocation
WHEN EXISTS (SELECT 1 FROM billing_statement WHERE id = NEW.statement_id AND issue_date > NEW.effective_on)
    OR EXISTS (SELECT 1 FROM billing_payment WHERE id = NEW.payment_id AND paid_on > NEW.effective_on)
BEGIN SELECT RAISE(ABORT, 'Money is applied or refunded once the payment is posted, and the statement issued, by its date.'); END;
CREATE TRIGGER refund_not_early BEFORE INSERT ON billing_refund
WHEN NOT EXISTS (SELECT 1 FROM billing_payment WHERE id = NEW.payment_id AND state IN ('posted', 'verified')
    AND paid_on <= NEW.refunded_on)
BEGIN SELECT RAISE(ABORT, 'Money is applied or refunded once the payment is posted, and the statement issued, by its date.'); END;
CREATE TRIGGER payment_void_is_unapplied BEFORE UPDATE ON billing_payment
WHEN NEW.void_date IS NOT NULL AND OLD.void_date IS NULL AND EXISTS (SELECT 1 FROM (SELECT NEW.void_date AS
    day UNION SELECT effective_on FROM billing_allocation WHERE payment_id = NEW.id AND effective_on >
    NEW.void_date UNION SELECT refunded_on FROM billing_refund WHERE payment_id = NEW.id AND refunded_on >
    NEW.void_date) AS days WHERE (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE payment_id =
    NEW.id AND effective_on <= days.day) + (SELECT COALESCE(SUM(amount), 0) FROM billing_refund WHERE payment_id
    = NEW.id AND refunded_on <= days.day AND (void_date IS NULL OR void_date > days.day)) <> 0)
BEGIN SELECT RAISE(ABORT, 'Money is applied to an issued statement, from what is posted, in one currency.'); END;
CREATE TRIGGER statement_void_is_unapplied BEFORE UPDATE ON billing_statement
WHEN NEW.void_date IS NOT NULL AND OLD.void_date IS NULL AND EXISTS (SELECT 1 FROM (SELECT NEW.void_date AS
    day UNION SELECT effective_on FROM billing_allocation WHERE statement_id = NEW.id AND effective_on >
    NEW.void_date) AS days WHERE (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE statement_id =
    NEW.id AND effective_on <= days.day) <> 0)
BEGIN SELECT RAISE(ABORT, 'Money is applied to an issued statement, from what is posted, in one currency.'); END;
CREATE TRIGGER settlement_void_is_unapplied BEFORE UPDATE ON billing_settlement
WHEN NEW.void_date IS NOT NULL AND OLD.void_date IS NULL AND EXISTS (SELECT 1 FROM billing_allocation AS
    applied WHERE applied.settlement_id = NEW.id AND applied.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM
    billing_allocation AS back WHERE back.reverses_id = applied.id AND back.effective_on = NEW.void_date))
BEGIN SELECT RAISE(ABORT, 'What settles a statement is applied to it on its own day, and taken back on the day of its void.'); END;
CREATE TRIGGER settlement_applied_as_it_says BEFORE INSERT ON billing_allocation
WHEN NEW.reverses_id IS NULL AND NEW.settlement_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM
    billing_settlement WHERE id = NEW.settlement_id AND statement_id = NEW.statement_id AND amount = NEW.amount
    AND settled_on = NEW.effective_on)
BEGIN SELECT RAISE(ABORT, 'What settles a statement is applied to it on its own day, and taken back on the day of its void.'); END;
CREATE TRIGGER creditnote_applied_as_it_says BEFORE INSERT ON billing_allocation
WHEN NEW.reverses_id IS NULL AND NEW.credit_note_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM
    billing_creditnote WHERE id = NEW.credit_note_id AND statement_id = NEW.statement_id AND amount = NEW.amount
    AND issue_date = NEW.effective_on)
BEGIN SELECT RAISE(ABORT, 'What settles a statement is applied to it on its own day, and taken back on the day of its void.'); END;
