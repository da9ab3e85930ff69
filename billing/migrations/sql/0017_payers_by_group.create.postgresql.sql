CREATE OR REPLACE FUNCTION billing_rule_allocation_of_one_payer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reverses_id IS NULL AND NEW.payment_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM billing_payment AS
        paid JOIN billing_client AS payer ON payer.id = paid.client_id JOIN billing_statement AS owed ON
        owed.id = NEW.statement_id JOIN billing_client AS owing ON owing.id = owed.client_id WHERE paid.id =
        NEW.payment_id AND (payer.id = owing.id OR payer.payer_group_id = owing.payer_group_id)) THEN
        RAISE EXCEPTION 'A client pays for itself and for clients of its payer group.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER allocation_of_one_payer BEFORE INSERT ON billing_allocation
    FOR EACH ROW EXECUTE FUNCTION billing_rule_allocation_of_one_payer();
