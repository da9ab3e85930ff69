"""Whom we bill, who pays for whom, and to whom there the documents go."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from billtracker.core.audit import OFFICE
from billtracker.core.money import CurrencyField
from billtracker.core.text import comparison_key


class PayerGroupQuerySet(models.QuerySet):
    def named(self, name: str):
        """The payer group of that name, however it is spaced and capitalised."""
        return self.filter(name_key=comparison_key(name))


class PayerGroup(models.Model):
    """Clients that may pay for each other; made on purpose, never from a label or a file."""

    name = models.CharField(max_length=80)
    name_key = models.CharField(max_length=120, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PayerGroupQuerySet.as_manager()
    audit_scope = OFFICE

    class Meta:
        ordering = ["name_key", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(name_key=""), name="payer_group_named")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        # No side effect: the same name in the form in which it is compared.
        self.name_key = comparison_key(self.name)
        super().save(*args, **kwargs)


class ClientQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def named(self, name: str):
        """The client of that name, however it is spaced and capitalised."""
        return self.filter(name_key=comparison_key(name))

    def paid_for_by(self, payer: "Client"):
        """The clients whose statements the payer's money may settle: itself and its payer group."""
        if payer.payer_group_id is None:
            return self.filter(pk=payer.pk)
        return self.filter(Q(pk=payer.pk) | Q(payer_group=payer.payer_group_id))


class Client(models.Model):
    """A person or company that owes the office."""

    name = models.CharField(max_length=160)
    name_key = models.CharField(max_length=200, unique=True, editable=False)
    tax_number = models.CharField(max_length=60, blank=True)
    address = models.TextField(blank=True, max_length=600)
    # A label to sort and filter by. Who pays for whom is the payer group, which no label makes.
    group = models.CharField(max_length=80, blank=True, db_index=True)
    # Not editable: only the service of payer groups, which records both sides, changes it.
    payer_group = models.ForeignKey(
        PayerGroup, models.PROTECT, null=True, blank=True, editable=False, related_name="members"
    )
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

    def may_pay_for(self, owing: "Client") -> bool:
        """Say whether its money may settle the other's statements: its own, or of one payer group."""
        own = self.payer_group_id
        return self.pk == owing.pk or (own is not None and own == owing.payer_group_id)


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
