"""What people are: users, households, and who may do what in which household."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from billtracker.core.audit import Scope
from billtracker.core.money import CurrencyField
from billtracker.core.periods import is_time_zone, today
from billtracker.core.settings.lead_days import validate_lead_days


def validate_time_zone(name: str) -> None:
    """Refuse a name that is no IANA time zone."""
    if not is_time_zone(name):
        raise ValidationError(f"{name!r} is not a time zone; choose one such as Europe/Berlin.")


class Users(UserManager):
    def administrators(self):
        """Active accounts that administer this server."""
        return self.filter(is_superuser=True, is_active=True)


class User(AbstractUser):
    """A person who signs in. ``is_superuser`` is the administrator role of this server."""

    # Raised when roles or activation change: every session made before then ends.
    session_version = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[Users] = Users()

    class Meta(AbstractUser.Meta):
        constraints = [
            # Sign-in by e-mail needs one account per address; an empty one may stand often.
            models.UniqueConstraint(
                models.functions.Lower("email"),
                condition=~models.Q(email=""),
                name="user_email_unique",
            ),
        ]

    def _get_session_auth_hash(self, secret=None):
        # Django's own with the version in it; it serves the current and the fallback secret keys.
        value = f"{self.password}:{self.session_version}"
        return salted_hmac("accounts.session", value, secret=secret, algorithm="sha256").hexdigest()


class Role(models.TextChoices):
    """What a member may do in a household."""

    OWNER = "owner", "Owner"
    EDITOR = "editor", "Editor"
    VIEWER = "viewer", "Viewer"


class HouseholdQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Households the user is a member of; being an administrator gives no way in."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(memberships__user=user)


class Household(models.Model):
    """Those who share bills: a family, or a small office's own payables."""

    class WeekStart(models.IntegerChoices):
        MONDAY = 0, "Monday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"

    name = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    currency = CurrencyField(default="USD")
    week_start = models.PositiveSmallIntegerField(choices=WeekStart, default=WeekStart.MONDAY)
    # The days on which a new pay period begins; the 1st always begins one.
    second_period_day = models.PositiveSmallIntegerField(
        default=15,
        validators=[MinValueValidator(2), MaxValueValidator(28)],
        help_text="The month's second pay period starts on this day.",
    )
    due_soon_days = models.PositiveSmallIntegerField(default=3, validators=[MaxValueValidator(31)])
    grace_days = models.PositiveSmallIntegerField(default=14, validators=[MaxValueValidator(90)])
    reminder_lead_days = models.CharField(
        max_length=40,
        blank=True,
        default="3, 1",
        validators=[validate_lead_days],
        help_text="Days before a due date on which members are reminded, none, or off.",
    )
    # Demo data lives in a household of its own, so that it never mixes with real numbers.
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(second_period_day__range=(2, 28)), name="household_period_day_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def today(self):
        """The date in this household's time zone."""
        return today(self.time_zone)

    @property
    def audit_scope(self) -> Scope:
        return Scope.of_household(self.pk)


class Membership(models.Model):
    """One user's role in one household."""

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["household", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.household} ({self.role})"

    @property
    def may_edit(self) -> bool:
        return self.role in (Role.OWNER, Role.EDITOR)

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER


class ApiTokenQuerySet(models.QuerySet):
    def live(self):
        """Tokens that open the API now: not revoked, not expired, of an active user."""
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()),
            revoked_at=None,
            user__is_active=True,
        )


class ApiToken(models.Model):
    """A key with which a script acts as a user; only its hash is kept."""

    class Scope(models.TextChoices):
        READ = "read", "Read"
        WRITE = "write", "Read and write"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    hash = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.READ)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute.")

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(scope__in=["read", "write"]), name="token_scope_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """active, expired or revoked."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= timezone.now() else "active"

    @property
    def may_write(self) -> bool:
        return self.scope == self.Scope.WRITE
