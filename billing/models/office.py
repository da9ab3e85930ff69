"""Who bills: one deployment is one office, and its profile is one row."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from billtracker.accounts.models import validate_time_zone
from billtracker.core.audit import OFFICE
from billtracker.core.money import CurrencyField


class OfficeProfile(models.Model):
    """What stands at the head and foot of each document, and the office's own rules."""

    THE_ONE = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE, editable=False)
    name = models.CharField(max_length=160)
    address = models.TextField(blank=True, max_length=600)
    tax_number = models.CharField(max_length=60, blank=True)
    logo = models.FileField(upload_to="office/", blank=True)
    bank_lines = models.TextField(blank=True, max_length=1200, help_text="How to pay: one line each.")
    signatories = models.TextField(
        blank=True, max_length=600, help_text="One line each: name, and after a comma the position."
    )
    terms = models.TextField(blank=True, max_length=1200)
    footer = models.CharField(max_length=300, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    currency = CurrencyField(default="USD")
    terms_days = models.PositiveSmallIntegerField(default=15, validators=[MaxValueValidator(365)])
    rounding_step = models.PositiveSmallIntegerField(
        default=1,
        validators=[MaxValueValidator(1000)],
        help_text="The largest rounding difference of a statement, in the currency's smallest amounts.",
    )
    charge_share = models.PositiveSmallIntegerField(
        default=5,
        validators=[MaxValueValidator(100)],
        help_text="Bank charges beyond so many percent of a statement need a reason and who may verify.",
    )
    # Who wrote, edited or submitted may not issue. An office of one person switches it off; each use of
    # that is in the audit log.
    requires_second_person = models.BooleanField(default=True)
    shows_account = models.BooleanField(
        default=False, help_text="Print the balance before each statement and how late it is."
    )

    audit_scope = OFFICE

    class Meta:
        verbose_name_plural = "office profile"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="office_is_one"),
            models.CheckConstraint(condition=Q(terms_days__lte=365), name="office_terms_range"),
            models.CheckConstraint(
                condition=Q(rounding_step__lte=1000, charge_share__lte=100), name="office_settlement_limits"
            ),
        ]

    def __str__(self) -> str:
        return self.name
