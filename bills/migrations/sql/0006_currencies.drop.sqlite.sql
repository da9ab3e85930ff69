DROP TRIGGER IF EXISTS bills_split_currency;
DROP TRIGGER IF EXISTS bills_split_currency_kept;
DROP TRIGGER IF EXISTS bills_payment_currency;
DROP TRIGGER IF EXISTS bills_occurrence_currency;
