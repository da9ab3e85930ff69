DROP TRIGGER IF EXISTS bills_split_currency ON bills_paymentsplit;
DROP FUNCTION IF EXISTS bills_rule_bills_split_currency();
DROP TRIGGER IF EXISTS bills_split_currency_kept ON bills_paymentsplit;
DROP FUNCTION IF EXISTS bills_rule_bills_split_currency_kept();
DROP TRIGGER IF EXISTS bills_payment_currency ON bills_payment;
DROP FUNCTION IF EXISTS bills_rule_bills_payment_currency();
DROP TRIGGER IF EXISTS bills_occurrence_currency ON bills_occurrence;
DROP FUNCTION IF EXISTS bills_rule_bills_occurrence_currency();
