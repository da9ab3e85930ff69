DROP TRIGGER IF EXISTS statement_frozen;
DROP TRIGGER IF EXISTS statement_kept;
DROP TRIGGER IF EXISTS statement_not_replaced;
DROP TRIGGER IF EXISTS line_not_added;
DROP TRIGGER IF EXISTS line_frozen;
DROP TRIGGER IF EXISTS line_kept;
DROP TRIGGER IF EXISTS line_not_replaced;
DROP TRIGGER IF EXISTS document_frozen;
DROP TRIGGER IF EXISTS document_kept;
DROP TRIGGER IF EXISTS document_not_replaced;
DROP TRIGGER IF EXISTS adjustment_frozen;
DROP TRIGGER IF EXISTS adjustment_kept;
DROP TRIGGER IF EXISTS adjustment_not_replaced;
DROP TRIGGER IF EXISTS counter_forward;
DROP TRIGGER IF EXISTS counter_kept;
DROP TRIGGER IF EXISTS counter_not_replaced;
CREATE TRIGGER statement_frozen BEFORE UPDATE ON billing_statement
WHEN OLD.number IS NOT NULL AND ((NEW.id IS NOT OLD.id OR NEW.client_id IS NOT OLD.client_id OR NEW.kind IS
    NOT OLD.kind OR NEW.engagement_id IS NOT OLD.engagement_id OR NEW.period_start IS NOT OLD.period_start OR
    NEW.period_end IS NOT OLD.period_end OR NEW.currency IS NOT OLD.currency OR NEW.total IS NOT OLD.total OR
    NEW.issue_date IS NOT OLD.issue_date OR NEW.due_date IS NOT OLD.due_date OR NEW.notes IS NOT OLD.notes OR
    NEW.sequence_id IS NOT OLD.sequence_id OR NEW.sequence_year IS NOT OLD.sequence_year OR
    NEW.sequence_number IS NOT OLD.sequence_number OR NEW.number IS NOT OLD.number OR NEW.snapshot IS NOT
    OLD.snapshot OR NEW.replaces_id IS NOT OLD.replaces_id OR NEW.created_by_id IS NOT OLD.created_by_id OR
    NEW.created_at IS NOT OLD.created_at OR NEW.submitted_by_id IS NOT OLD.submitted_by_id OR NEW.submitted_at
    IS NOT OLD.submitted_at OR NEW.return_comment IS NOT OLD.return_comment OR NEW.issued_by_id IS NOT
    OLD.issued_by_id OR NEW.issued_at IS NOT OLD.issued_at) OR NEW.state NOT IN ('issued', 'void') OR
    (OLD.state = 'void' AND (NEW.state IS NOT OLD.state OR NEW.voided_by_id IS NOT OLD.voided_by_id OR
    NEW.voided_at IS NOT OLD.voided_at OR NEW.void_date IS NOT OLD.void_date OR NEW.void_reason IS NOT
    OLD.void_reason)))
BEGIN SELECT RAISE(ABORT, 'An issued statement is frozen.'); END;
CREATE TRIGGER statement_kept BEFORE DELETE ON billing_statement
WHEN OLD.number IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'An issued statement is frozen.'); END;
CREATE TRIGGER statement_not_replaced BEFORE INSERT ON billing_statement
WHEN EXISTS (SELECT 1 FROM billing_statement WHERE number IS NOT NULL AND (id = NEW.id OR number = NEW.number
    OR (sequence_id = NEW.sequence_id AND sequence_year = NEW.sequence_year AND sequence_number =
    NEW.sequence_number)))
BEGIN SELECT RAISE(ABORT, 'An issued statement is frozen.'); END;
CREATE TRIGGER line_not_added BEFORE INSERT ON billing_statementline
WHEN EXISTS (SELECT 1 FROM billing_statement WHERE id = NEW.statement_id AND number IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'The lines of an issued statement are frozen.'); END;
CREATE TRIGGER line_frozen BEFORE UPDATE ON billing_statementline
WHEN EXISTS (SELECT 1 FROM billing_statement WHERE id = OLD.statement_id AND number IS NOT NULL) OR EXISTS
    (SELECT 1 FROM billing_statement WHERE id = NEW.statement_id AND number IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'The lines of an issued statement are frozen.'); END;
CREATE TRIGGER line_kept BEFORE DELETE ON billing_statementline
WHEN EXISTS (SELECT 1 FROM billing_statement WHERE id = OLD.statement_id AND number IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'The lines of an issued statement are frozen.'); END;
CREATE TRIGGER line_not_replaced BEFORE INSERT ON billing_statementline
WHEN EXISTS (SELECT 1 FROM billing_statementline AS line JOIN billing_statement AS parent ON parent.id =
    line.statement_id WHERE line.id = NEW.id AND parent.number IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'The lines of an issued statement are frozen.'); END;
CREATE TRIGGER document_frozen BEFORE UPDATE ON billing_document
BEGIN SELECT RAISE(ABORT, 'A stored document is never changed.'); END;
CREATE TRIGGER document_kept BEFORE DELETE ON billing_document
BEGIN SELECT RAISE(ABORT, 'A stored document is never changed.'); END;
CREATE TRIGGER document_not_replaced BEFORE INSERT ON billing_document
WHEN EXISTS (SELECT 1 FROM billing_document WHERE id = NEW.id OR (statement_id = NEW.statement_id AND kind =
    NEW.kind))
BEGIN SELECT RAISE(ABORT, 'A stored document is never changed.'); END;
CREATE TRIGGER adjustment_frozen BEFORE UPDATE ON billing_counteradjustment
BEGIN SELECT RAISE(ABORT, 'The record of a moved counter is never changed.'); END;
CREATE TRIGGER adjustment_kept BEFORE DELETE ON billing_counteradjustment
BEGIN SELECT RAISE(ABORT, 'The record of a moved counter is never changed.'); END;
CREATE TRIGGER adjustment_not_replaced BEFORE INSERT ON billing_counteradjustment
WHEN EXISTS (SELECT 1 FROM billing_counteradjustment WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'The record of a moved counter is never changed.'); END;
CREATE TRIGGER counter_forward BEFORE UPDATE ON billing_counter
WHEN NEW.last_number < OLD.last_number OR (NEW.sequence_id IS NOT OLD.sequence_id OR NEW.year IS NOT OLD.year)
BEGIN SELECT RAISE(ABORT, 'A counter moves forward only.'); END;
CREATE TRIGGER counter_kept BEFORE DELETE ON billing_counter
WHEN OLD.last_number > 0
BEGIN SELECT RAISE(ABORT, 'A counter moves forward only.'); END;
CREATE TRIGGER counter_not_replaced BEFORE INSERT ON billing_counter
WHEN EXISTS (SELECT 1 FROM billing_counter WHERE id = NEW.id OR (sequence_id = NEW.sequence_id AND year =
    NEW.year))
BEGIN SELECT RAISE(ABORT, 'A counter moves forward only.'); END;
