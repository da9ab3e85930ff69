DROP TRIGGER IF EXISTS allocation_of_one_payer ON billing_allocation;
DROP FUNCTION IF EXISTS billing_rule_allocation_of_one_payer();
