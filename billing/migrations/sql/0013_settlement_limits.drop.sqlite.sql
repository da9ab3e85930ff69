DROP TRIGGER IF EXISTS settlement_rounding_once;
DROP TRIGGER IF EXISTS settlement_charge_has_its_reason;
DROP TRIGGER IF EXISTS certificate_in_order_insert;
DROP TRIGGER IF EXISTS certificate_once_insert;
DROP TRIGGER IF EXISTS certificate_in_order_update;
DROP TRIGGER IF EXISTS certificate_once_update;
