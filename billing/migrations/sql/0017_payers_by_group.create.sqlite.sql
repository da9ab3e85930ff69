CREATE TRIGGER allocation_of_one_payer BEFORE INSERT ON billing_allocation
WHEN NEW.reverses_id IS NULL AND NEW.payment_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM billing_payment AS
    paid JOIN billing_client AS payer ON payer.id = paid.client_id JOIN billing_statement AS owed ON owed.id =
    NEW.statement_id JOIN billing_client AS owing ON owing.id = owed.client_id WHERE paid.id = NEW.payment_id
    AND (payer.id = owing.id OR payer.payer_group_id = owing.payer_group_id))
BEGIN SELECT RAISE(ABORT, 'A client pays for itself and for clients of its payer group.'); END;
