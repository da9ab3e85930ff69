CREATE TRIGGER settlement_rounding_once BEFORE INSERT ON billing_settlement
WHEN NEW.kind = 'rounding' AND EXISTS (SELECT 1 FROM billing_settlement WHERE statement_id =
    NEW.statement_id AND kind = 'rounding' AND void_date IS NULL)
BEGIN SELECT RAISE(ABORT, 'A statement has one rounding difference.'); END;
CREATE TRIGGER settlement_charge_has_its_reason BEFORE INSERT ON billing_settlement
WHEN NEW.kind = 'bank_charge' AND NEW.reason = '' AND ((SELECT COALESCE(SUM(amount), 0) FROM
    billing_settlement WHERE statement_id = NEW.statement_id AND kind = 'bank_charge' AND void_date IS NULL) +
    NEW.amount) * 100 > (SELECT total FROM billing_statement WHERE id = NEW.statement_id) * COALESCE((SELECT
    charge_share FROM billing_officeprofile WHERE id = 1), 5)
BEGIN SELECT RAISE(ABORT, 'A bank charge beyond the share that the office sets needs a reason.'); END;
CREATE TRIGGER certificate_in_order_insert BEFORE INSERT ON billing_settlement
WHEN (NEW.certificate_received_on IS NOT NULL AND (NEW.certificate_received_on < NEW.settled_on OR
    NEW.certificate_date > NEW.certificate_received_on))
BEGIN SELECT RAISE(ABORT, 'A certificate is received after the tax was withheld, and not before its own date.'); END;
CREATE TRIGGER certificate_once_insert BEFORE INSERT ON billing_settlement
WHEN (NEW.certificate_number <> '' AND EXISTS (SELECT 1 FROM billing_settlement AS other JOIN
    billing_statement AS owed ON owed.id = other.statement_id WHERE other.certificate_number =
    NEW.certificate_number AND owed.client_id = (SELECT client_id FROM billing_statement WHERE id =
    NEW.statement_id) AND other.void_date IS NULL AND other.id <> NEW.id))
BEGIN SELECT RAISE(ABORT, 'A certificate number is used once for a client.'); END;
CREATE TRIGGER certificate_in_order_update BEFORE UPDATE ON billing_settlement
WHEN (NEW.certificate_number IS NOT OLD.certificate_number OR NEW.certificate_date IS NOT
    OLD.certificate_date OR NEW.certificate_received_on IS NOT OLD.certificate_received_on) AND
    (NEW.certificate_received_on IS NOT NULL AND (NEW.certificate_received_on < NEW.settled_on OR
    NEW.certificate_date > NEW.certificate_received_on))
BEGIN SELECT RAISE(ABORT, 'A certificate is received after the tax was withheld, and not before its own date.'); END;
CREATE TRIGGER certificate_once_update BEFORE UPDATE ON billing_settlement
WHEN (NEW.certificate_number IS NOT OLD.certificate_number OR NEW.certificate_date IS NOT
    OLD.certificate_date OR NEW.certificate_received_on IS NOT OLD.certificate_received_on) AND
    (NEW.certificate_number <> '' AND EXISTS (SELECT 1 FROM billing_settlement AS other JOIN billing_statement
    AS owed ON owed.id = other.statement_id WHERE other.certificate_number = NEW.certificate_number AND
    owed.client_id = (SELECT client_id FROM billing_statement WHERE id = NEW.statement_id) AND other.void_date
    IS NULL AND other.id <> NEW.id))
BEGIN SELECT RAISE(ABORT, 'A certificate number is used once for a client.'); END;
