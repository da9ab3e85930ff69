DROP TRIGGER IF EXISTS allocation_of_one_payer;
