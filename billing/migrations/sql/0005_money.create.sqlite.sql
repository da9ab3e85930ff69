CREATE TRIGGER payment_frozen BEFORE UPDATE ON billing_payment
WHEN (NEW.state <> OLD.state AND NOT ((OLD.state = 'draft' AND NEW.state = 'posted') OR (OLD.state = 'posted'
    AND NEW.state = 'verified') OR (OLD.state = 'posted' AND NEW.state = 'void') OR (OLD.state = 'verified'
    AND NEW.state = 'void'))) OR (OLD.state <> 'draft' AND (NEW.id IS NOT OLD.id OR NEW.client_id IS NOT
    OLD.client_id OR NEW.paid_on IS NOT OLD.paid_on OR NEW.amount IS NOT OLD.amount OR NEW.currency IS NOT
    OLD.currency OR NEW.method IS NOT OLD.method OR NEW.manual_number IS NOT OLD.manual_number OR
    NEW.manual_key IS NOT OLD.manual_key OR NEW.reference IS NOT OLD.reference OR NEW.recorded_by_id IS NOT
    OLD.recorded_by_id OR NEW.recorded_at IS NOT OLD.recorded_at OR NEW.posted_by_id IS NOT OLD.posted_by_id
    OR NEW.posted_at IS NOT OLD.posted_at)) OR (OLD.state IN ('verified', 'void') AND (NEW.notes IS NOT
    OLD.notes OR NEW.verified_by_id IS NOT OLD.verified_by_id OR NEW.verified_at IS NOT OLD.verified_at)) OR
    (OLD.state = 'void' AND (NEW.voided_by_id IS NOT OLD.voided_by_id OR NEW.voided_at IS NOT OLD.voided_at OR
    NEW.void_date IS NOT OLD.void_date OR NEW.void_reason IS NOT OLD.void_reason OR NEW.void_cause IS NOT
    OLD.void_cause))
BEGIN SELECT RAISE(ABORT, 'A posted payment is frozen.'); END;
CREATE TRIGGER payment_kept BEFORE DELETE ON billing_payment
WHEN OLD.state <> 'draft'
BEGIN SELECT RAISE(ABORT, 'A posted payment is never deleted.'); END;
CREATE TRIGGER payment_not_replaced BEFORE INSERT ON billing_payment
WHEN EXISTS (SELECT 1 FROM billing_payment WHERE state <> 'draft' AND (id = NEW.id OR (state <> 'void' AND
    manual_key <> '' AND manual_key = NEW.manual_key)))
BEGIN SELECT RAISE(ABORT, 'A posted payment is frozen.'); END;
CREATE TRIGGER payment_void_is_unapplied BEFORE UPDATE ON billing_payment
WHEN NEW.state = 'void' AND (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE payment_id =
    NEW.id) <> 0
BEGIN SELECT RAISE(ABORT, 'Money is applied to an issued statement, from what is posted, in one currency.'); END;
CREATE TRIGGER allocation_kept_update BEFORE UPDATE ON billing_allocation
BEGIN SELECT RAISE(ABORT, 'Allocations are only added; a reversal takes one back.'); END;
CREATE TRIGGER allocation_kept_delete BEFORE DELETE ON billing_allocation
BEGIN SELECT RAISE(ABORT, 'Allocations are only added; a reversal takes one back.'); END;
CREATE TRIGGER allocation_not_replaced BEFORE INSERT ON billing_allocation
WHEN EXISTS (SELECT 1 FROM billing_allocation WHERE id = NEW.id OR (NEW.reverses_id IS NOT NULL AND
    reverses_id = NEW.reverses_id))
BEGIN SELECT RAISE(ABORT, 'Allocations are only added; a reversal takes one back.'); END;
CREATE TRIGGER statement_not_overpaid BEFORE INSERT ON billing_allocation
WHEN (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE statement_id = NEW.statement_id) +
    NEW.amount > (SELECT total FROM billing_statement WHERE id = NEW.statement_id) OR (SELECT
    COALESCE(SUM(amount), 0) FROM billing_allocation WHERE statement_id = NEW.statement_id) + NEW.amount < 0
BEGIN SELECT RAISE(ABORT, 'A statement is not settled below zero.'); END;
CREATE TRIGGER payment_not_overspent BEFORE INSERT ON billing_allocation
WHEN NEW.payment_id IS NOT NULL AND ((SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE payment_id
    = NEW.payment_id) + NEW.amount + (SELECT COALESCE(SUM(amount), 0) FROM billing_refund WHERE payment_id =
    NEW.payment_id AND void_date IS NULL) > (SELECT amount FROM billing_payment WHERE id = NEW.payment_id))
BEGIN SELECT RAISE(ABORT, 'More than the payment is not applied or refunded.'); END;
CREATE TRIGGER allocation_fits BEFORE INSERT ON billing_allocation
WHEN NEW.reverses_id IS NULL AND NOT (EXISTS (SELECT 1 FROM billing_statement WHERE id = NEW.statement_id AND
    state = 'issued') AND (NEW.payment_id IS NULL OR EXISTS (SELECT 1 FROM billing_payment AS paid JOIN
    billing_statement AS owed ON owed.currency = paid.currency WHERE paid.id = NEW.payment_id AND owed.id =
    NEW.statement_id AND paid.state IN ('posted', 'verified'))))
BEGIN SELECT RAISE(ABORT, 'Money is applied to an issued statement, from what is posted, in one currency.'); END;
CREATE TRIGGER reversal_is_whole BEFORE INSERT ON billing_allocation
WHEN NEW.reverses_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM billing_allocation AS first WHERE first.id =
    NEW.reverses_id AND first.reverses_id IS NULL AND first.amount = -NEW.amount AND first.statement_id =
    NEW.statement_id AND first.effective_on <= NEW.effective_on AND COALESCE(first.payment_id, 0) =
    COALESCE(NEW.payment_id, 0) AND COALESCE(first.settlement_id, 0) = COALESCE(NEW.settlement_id, 0) AND
    COALESCE(first.credit_note_id, 0) = COALESCE(NEW.credit_note_id, 0))
BEGIN SELECT RAISE(ABORT, 'A reversal takes back one row, whole.'); END;
CREATE TRIGGER refund_frozen BEFORE UPDATE ON billing_refund
WHEN (NEW.id IS NOT OLD.id OR NEW.payment_id IS NOT OLD.payment_id OR NEW.refunded_on IS NOT OLD.refunded_on
    OR NEW.amount IS NOT OLD.amount OR NEW.method IS NOT OLD.method OR NEW.reference IS NOT OLD.reference OR
    NEW.reason IS NOT OLD.reason OR NEW.recorded_by_id IS NOT OLD.recorded_by_id OR NEW.recorded_at IS NOT
    OLD.recorded_at) OR (OLD.void_date IS NOT NULL AND (NEW.voided_by_id IS NOT OLD.voided_by_id OR
    NEW.voided_at IS NOT OLD.voided_at OR NEW.void_date IS NOT OLD.void_date OR NEW.void_reason IS NOT
    OLD.void_reason))
BEGIN SELECT RAISE(ABORT, 'What was recorded is never changed or deleted.'); END;
CREATE TRIGGER settlement_frozen BEFORE UPDATE ON billing_settlement
WHEN (NEW.id IS NOT OLD.id OR NEW.statement_id IS NOT OLD.statement_id OR NEW.kind IS NOT OLD.kind OR
    NEW.settled_on IS NOT OLD.settled_on OR NEW.amount IS NOT OLD.amount OR NEW.reason IS NOT OLD.reason OR
    NEW.recorded_by_id IS NOT OLD.recorded_by_id OR NEW.recorded_at IS NOT OLD.recorded_at) OR (OLD.void_date
    IS NOT NULL AND (NEW.voided_by_id IS NOT OLD.voided_by_id OR NEW.voided_at IS NOT OLD.voided_at OR
    NEW.void_date IS NOT OLD.void_date OR NEW.void_reason IS NOT OLD.void_reason))
BEGIN SELECT RAISE(ABORT, 'What was recorded is never changed or deleted.'); END;
CREATE TRIGGER creditnote_frozen BEFORE UPDATE ON billing_creditnote
BEGIN SELECT RAISE(ABORT, 'What was recorded is never changed or deleted.'); END;
CREATE TRIGGER refund_kept BEFORE DELETE ON billing_refund
BEGIN SELECT RAISE(ABORT, 'What was recorded is never changed or deleted.'); END;
CREATE TRIGGER refund_not_replaced BEFORE INSERT ON billing_refund
WHEN EXISTS (SELECT 1 FROM billing_refund WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'What was recorded is never changed or deleted.'); END;
CREATE TRIGGER settlement_kept BEFORE DELETE ON billing_settlement
BEGIN SELECT RAISE(ABORT, 'What was recorded is never changed or deleted.'); END;
CREATE TRIGGER settlement_not_replaced BEFORE INSERT ON billing_settlement
WHEN EXISTS (SELECT 1 FROM billing_settlement WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'What was recorded is never changed or deleted.'); END;
CREATE TRIGGER creditnote_kept BEFORE DELETE ON billing_creditnote
BEGIN SELECT RAISE(ABORT, 'What was recorded is never changed or deleted.'); END;
CREATE TRIGGER creditnote_not_replaced BEFORE INSERT ON billing_creditnote
WHEN EXISTS (SELECT 1 FROM billing_creditnote WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'What was recorded is never changed or deleted.'); END;
CREATE TRIGGER creditnote_number_kept BEFORE INSERT ON billing_creditnote
WHEN EXISTS (SELECT 1 FROM billing_creditnote WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'What was recorded is never changed or deleted.'); END;
CREATE TRIGGER refund_not_beyond BEFORE INSERT ON billing_refund
WHEN (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE payment_id = NEW.payment_id) + NEW.amount
    + (SELECT COALESCE(SUM(amount), 0) FROM billing_refund WHERE payment_id = NEW.payment_id AND void_date IS
    NULL) > (SELECT amount FROM billing_payment WHERE id = NEW.payment_id AND state <> 'draft')
BEGIN SELECT RAISE(ABORT, 'More than the payment is not applied or refunded.'); END;
CREATE TRIGGER statement_void_is_unapplied BEFORE UPDATE ON billing_statement
WHEN NEW.state = 'void' AND (SELECT COALESCE(SUM(amount), 0) FROM billing_allocation WHERE statement_id =
    NEW.id) <> 0
BEGIN SELECT RAISE(ABORT, 'Money is applied to an issued statement, from what is posted, in one currency.'); END;
CREATE TRIGGER month_issue BEFORE UPDATE ON billing_statement
WHEN (OLD.number IS NULL AND NEW.number IS NOT NULL) AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE
    NEW.issue_date < shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.issue_date
    >= shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id =
    shut.id AND leave.user_id = NEW.issued_by_id AND leave.until > NEW.issued_at AND leave.ended_at IS
    NULL))))
BEGIN SELECT RAISE(ABORT, 'The month is locked or closed.'); END;
CREATE TRIGGER month_issue_insert BEFORE INSERT ON billing_statement
WHEN (NEW.number IS NOT NULL) AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE NEW.issue_date <
    shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.issue_date >= shut.starts_on
    AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id = shut.id AND
    leave.user_id = NEW.issued_by_id AND leave.until > NEW.issued_at AND leave.ended_at IS NULL))))
BEGIN SELECT RAISE(ABORT, 'The month is locked or closed.'); END;
CREATE TRIGGER month_cycle BEFORE INSERT ON billing_statement
WHEN (NEW.number IS NULL AND NEW.kind = 'retainer' AND NEW.replaces_id IS NULL) AND EXISTS (SELECT 1 FROM
    billing_period AS shut WHERE NEW.period_start < shut.ends_before AND (shut.state = 'closed' OR (shut.state
    = 'locked' AND NEW.period_start >= shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS
    leave WHERE leave.period_id = shut.id AND leave.user_id = NEW.created_by_id AND leave.until >
    NEW.created_at AND leave.ended_at IS NULL))))
BEGIN SELECT RAISE(ABORT, 'The month is locked or closed.'); END;
CREATE TRIGGER month_statement_void BEFORE UPDATE ON billing_statement
WHEN (NEW.void_date IS NOT NULL AND OLD.void_date IS NULL) AND EXISTS (SELECT 1 FROM billing_period AS shut
    WHERE NEW.void_date < shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND
    NEW.void_date >= shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE
    leave.period_id = shut.id AND leave.user_id = NEW.voided_by_id AND leave.until > NEW.voided_at AND
    leave.ended_at IS NULL))))
BEGIN SELECT RAISE(ABORT, 'The month is locked or closed.'); END;
CREATE TRIGGER month_payment_void BEFORE UPDATE ON billing_payment
WHEN (NEW.void_date IS NOT NULL AND OLD.void_date IS NULL) AND EXISTS (SELECT 1 FROM billing_period AS shut
    WHERE NEW.void_date < shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND
    NEW.void_date >= shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE
    leave.period_id = shut.id AND leave.user_id = NEW.voided_by_id AND leave.until > NEW.voided_at AND
    leave.ended_at IS NULL))))
BEGIN SELECT RAISE(ABORT, 'The month is locked or closed.'); END;
CREATE TRIGGER month_refund_void BEFORE UPDATE ON billing_refund
WHEN (NEW.void_date IS NOT NULL AND OLD.void_date IS NULL) AND EXISTS (SELECT 1 FROM billing_period AS shut
    WHERE NEW.void_date < shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND
    NEW.void_date >= shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE
    leave.period_id = shut.id AND leave.user_id = NEW.voided_by_id AND leave.until > NEW.voided_at AND
    leave.ended_at IS NULL))))
BEGIN SELECT RAISE(ABORT, 'The month is locked or closed.'); END;
CREATE TRIGGER month_settlement_void BEFORE UPDATE ON billing_settlement
WHEN (NEW.void_date IS NOT NULL AND OLD.void_date IS NULL) AND EXISTS (SELECT 1 FROM billing_period AS shut
    WHERE NEW.void_date < shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND
    NEW.void_date >= shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE
    leave.period_id = shut.id AND leave.user_id = NEW.voided_by_id AND leave.until > NEW.voided_at AND
    leave.ended_at IS NULL))))
BEGIN SELECT RAISE(ABORT, 'The month is locked or closed.'); END;
CREATE TRIGGER month_payment_post BEFORE UPDATE ON billing_payment
WHEN (NEW.state = 'posted' AND OLD.state = 'draft') AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE
    NEW.paid_on < shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.paid_on >=
    shut.starts_on AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id =
    shut.id AND leave.user_id = NEW.posted_by_id AND leave.until > NEW.posted_at AND leave.ended_at IS
    NULL))))
BEGIN SELECT RAISE(ABORT, 'The month is locked or closed.'); END;
CREATE TRIGGER month_payment_insert BEFORE INSERT ON billing_payment
WHEN (NEW.state <> 'draft') AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE NEW.paid_on <
    shut.ends_before AND (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.paid_on >= shut.starts_on
    AND NOT EXISTS (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id = shut.id AND
    leave.user_id = NEW.posted_by_id AND leave.until > NEW.posted_at AND leave.ended_at IS NULL))))
BEGIN SELECT RAISE(ABORT, 'The month is locked or closed.'); END;
CREATE TRIGGER month_allocation_insert BEFORE INSERT ON billing_allocation
WHEN (1 = 1) AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE NEW.effective_on < shut.ends_before AND
    (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.effective_on >= shut.starts_on AND NOT EXISTS
    (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id = shut.id AND leave.user_id =
    NEW.created_by_id AND leave.until > NEW.created_at AND leave.ended_at IS NULL))))
BEGIN SELECT RAISE(ABORT, 'The month is locked or closed.'); END;
CREATE TRIGGER month_refund_insert BEFORE INSERT ON billing_refund
WHEN (1 = 1) AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE NEW.refunded_on < shut.ends_before AND
    (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.refunded_on >= shut.starts_on AND NOT EXISTS
    (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id = shut.id AND leave.user_id =
    NEW.recorded_by_id AND leave.until > NEW.recorded_at AND leave.ended_at IS NULL))))
BEGIN SELECT RAISE(ABORT, 'The month is locked or closed.'); END;
CREATE TRIGGER month_settlement_insert BEFORE INSERT ON billing_settlement
WHEN (1 = 1) AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE NEW.settled_on < shut.ends_before AND
    (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.settled_on >= shut.starts_on AND NOT EXISTS
    (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id = shut.id AND leave.user_id =
    NEW.recorded_by_id AND leave.until > NEW.recorded_at AND leave.ended_at IS NULL))))
BEGIN SELECT RAISE(ABORT, 'The month is locked or closed.'); END;
CREATE TRIGGER month_creditnote_insert BEFORE INSERT ON billing_creditnote
WHEN (1 = 1) AND EXISTS (SELECT 1 FROM billing_period AS shut WHERE NEW.issue_date < shut.ends_before AND
    (shut.state = 'closed' OR (shut.state = 'locked' AND NEW.issue_date >= shut.starts_on AND NOT EXISTS
    (SELECT 1 FROM billing_periodexception AS leave WHERE leave.period_id = shut.id AND leave.user_id =
    NEW.issued_by_id AND leave.until > NEW.issued_at AND leave.ended_at IS NULL))))
BEGIN SELECT RAISE(ABORT, 'The month is locked or closed.'); END;
