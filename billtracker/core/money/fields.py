"""Amounts and currencies as fields of models and forms."""

from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from billtracker.core.money.amounts import MoneyError, exact, from_stored, to_stored
from billtracker.core.money.currencies import (
    FINEST_CURRENCY,
    MINOR_UNITS,
    currency_choices,
    validate_currency,
)
from billtracker.core.money.reading import parse


class CurrencyField(models.CharField):
    """An ISO 4217 code in capitals."""

    def __init__(self, *args, **kwargs):
        kwargs["max_length"] = 3
        kwargs.setdefault("validators", [validate_currency])
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length", None)
        kwargs.pop("validators", None)
        return name, path, args, kwargs

    def formfield(self, **kwargs):
        kwargs.setdefault("widget", forms.Select(choices=currency_choices()))
        return super().formfield(**kwargs)


class MoneyField(models.Field):
    """An exact amount: an integer of ten-thousandths in the database, a ``Decimal`` in Python.

    ``currency_field`` names the field of the same row that holds the currency; saving a fraction
    finer than that currency's minor unit raises MoneyError. It is no IntegerField on purpose:
    ``F("owed") - F("paid")`` without ``output_field`` then fails loudly instead of answering in
    ten-thousandths.
    """

    description = "An exact amount of money"

    def __init__(self, *args, currency_field: str = "currency", **kwargs):
        self.currency_field = currency_field
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        if self.currency_field != "currency":
            kwargs["currency_field"] = self.currency_field
        return name, path, args, kwargs

    def get_internal_type(self):
        return "BigIntegerField"

    def from_db_value(self, value, expression, connection):
        if value is None:
            return None
        if int(value) != value:
            raise MoneyError("The database computed a fraction of the smallest amount.")
        return from_stored(int(value))

    def to_python(self, value):
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, float):
            raise MoneyError("Money is never a float.")
        try:
            return Decimal(value)
        except (InvalidOperation, TypeError, ValueError):
            raise ValidationError("%(value)r is not an amount.", params={"value": value}) from None

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return to_stored(self.to_python(value))

    def pre_save(self, model_instance, add):
        value = getattr(model_instance, self.attname)
        if value is not None and not hasattr(value, "resolve_expression"):
            exact(self.to_python(value), self.currency_of(model_instance))
        return value

    def currency_of(self, instance) -> str:
        """Follow ``currency_field`` (``currency`` or ``payment__currency``) from the row."""
        for name in self.currency_field.split("__"):
            instance = getattr(instance, name)
        return instance

    def clean(self, value, model_instance):
        value = super().clean(value, model_instance)
        currency = self.currency_of(model_instance) if model_instance is not None else None
        # A currency that is none is the currency field's error, not this one's.
        if value is not None and currency in MINOR_UNITS:
            try:
                exact(value, currency)
            except MoneyError as error:
                raise ValidationError(str(error), code="places") from None
        return value

    def value_to_string(self, obj):
        value = self.value_from_object(obj)
        return "" if value is None else f"{value:f}"

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": MoneyFormField, **kwargs})


class QuantityField(MoneyField):
    """An exact quantity of up to four places, kept as money is kept; it has no currency."""

    description = "An exact quantity"

    def currency_of(self, instance) -> str:
        return FINEST_CURRENCY


class MoneyFormField(forms.Field):
    """A text field that takes comma and point and gives a ``Decimal``; an empty one gives None.

    With ``currency`` its decimal places count; without, the form or the model's ``clean`` checks them.
    """

    widget = forms.TextInput
    longest = 40

    def __init__(self, *, currency: str = FINEST_CURRENCY, **kwargs):
        self.currency = currency
        super().__init__(**kwargs)

    def widget_attrs(self, widget):
        return {"inputmode": "decimal", "autocomplete": "off", "maxlength": str(self.longest)}

    def prepare_value(self, value):
        return f"{value:f}" if isinstance(value, Decimal) else value

    def to_python(self, value):
        text = f"{value or ''}".strip()
        if isinstance(value, Decimal) or not text:
            return value if isinstance(value, Decimal) else None
        if len(text) > self.longest:
            raise ValidationError("This is too long for an amount.", code="max_length")
        try:
            return parse(text, self.currency)
        except MoneyError as error:
            raise ValidationError(str(error), code="invalid") from None
