"""Whom we bill, and to whom there the documents go."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from billtracker.core.audit import OFFICE
from billtracker.core.money import CurrencyField
from billtracker.core.text import comparison_key


class ClientQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def named(self, name: str):
        """The client of that name, however it is spaced and capitalised."""
        return self.filter(name_key=comparison_key(name))


class Client(models.Model):
    """A person or company that owes the office."""

    name = models.CharField(max_length=160)
    name_key = models.CharField(max_length=200, unique=True, editable=False)
    tax_number = models.CharField(max_length=60, blank=True)
    address = models.TextField(blank=True, max_length=600)
    group = models.CharField(max_length=80, blank=True, db_index=True)
    tags = models.JSONField(default=list, blank=True, help_text="A list of words.")
    aliases = models.JSONField(default=list, blank=True, help_text="Other names it pays under.")
    terms_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(365)],
        help_text="Days until a statement is due; empty for the office's own.",
    )
    currency = CurrencyField(default="USD")
    is_active = models.BooleanField(default=True)
    logo = models.FileField(upload_to="clients/", blank=True)
    header_note = models.CharField(max_length=200, blank=True, help_text="Printed on its documents.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClientQuerySet.as_manager()
    audit_scope = OFFICE

    class Meta:
        ordering = [Lower("name"), "pk"]
        constraints = [models.CheckConstraint(condition=~Q(name_key=""), name="client_named")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        # No side effect: the same name in the form in which it is compared.
        self.name_key = comparison_key(self.name)
        super().save(*args, **kwargs)


class ContactQuerySet(models.QuerySet):
    def billing_recipients(self):
        """Those who get the client's documents."""
        return self.filter(is_billing_recipient=True)


class Contact(models.Model):
    """A person at the client."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    role = models.CharField(max_length=80, blank=True)
    is_billing_recipient = models.BooleanField(default=False, help_text="Gets the client's documents.")

    objects = ContactQuerySet.as_manager()
    audit_scope = OFFICE

    class Meta:
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_billing_recipient=False) | ~Q(email=""), name="billing_recipient_has_an_email"
            )
        ]

    def __str__(self) -> str:
        return self.name
