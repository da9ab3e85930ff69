"""Users and the audit log for administrators; no household data: they have no way into it."""

from typing import cast

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse

from billtracker.accounts import services
from billtracker.accounts.models import User
from billtracker.core.audit import HOUSEHOLDS
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry

admin.site.site_header = "BillTracker"
admin.site.site_title = "BillTracker"
admin.site.index_title = "Server"
admin.site.unregister(Group)  # the office roles are fixed; users get them below
# An address given there could be marked as confirmed, and so take over somebody's password reset.
admin.site.unregister(EmailAddress)


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Accounts, changed through the services that keep the last administrator."""

    add_form = AdminUserCreationForm
    list_display = ("username", "email", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser", "groups")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    actions = None
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Roles", {"fields": ("is_active", "is_superuser", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    def formfield_for_manytomany(self, db_field, request: HttpRequest, **kwargs):
        """Offer the office roles as a few boxes to tick."""
        return super().formfield_for_manytomany(
            db_field, request, widget=forms.CheckboxSelectMultiple(), **kwargs
        )

    def save_model(self, request: HttpRequest, obj, form, change):
        """Save the plain fields here; access goes through the service, see save_related."""
        if not change:
            obj.is_superuser = obj.is_staff = False
        else:
            kept = User.objects.get(pk=obj.pk)
            obj.is_active, obj.is_superuser, obj.is_staff = kept.is_active, kept.is_superuser, kept.is_staff
        super().save_model(request, obj, form, change)
        services.sync_email_address(user=obj)

    def save_related(self, request: HttpRequest, form, formsets, change):
        """Give and take roles and activation by the service; a refusal undoes nothing else."""
        wanted = {group.name for group in form.cleaned_data.get("groups", [])}
        if form.cleaned_data.get("is_superuser"):
            wanted.add(services.ADMINISTRATOR)
        is_active = form.cleaned_data.get("is_active", True)
        try:
            services.change_user(
                actor=cast(User, request.user), user=form.instance, is_active=is_active, roles=wanted
            )
        except DomainError as error:
            messages.error(request, error.sentence)
        services.ensure_personal_household(user=form.instance)

    def get_deleted_objects(self, objs, request: HttpRequest):
        """Name the accounts alone: whose household it is in is nobody else's business."""
        return [str(user) for user in objs], {"accounts": len(objs)}, set(), []

    def delete_view(self, request: HttpRequest, object_id, extra_context=None):
        """Delete through the service."""
        user = self.get_object(request, object_id)
        if request.method == "POST" and user is not None and self.has_delete_permission(request, user):
            try:
                services.delete_user(actor=cast(User, request.user), user=user)
            except DomainError as error:
                messages.error(request, error.sentence)
                return redirect(reverse("admin:accounts_user_change", args=[object_id]))
            messages.success(request, f"{user} is deleted.")
            return redirect("admin:accounts_user_changelist")
        return super().delete_view(request, object_id, extra_context)


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    """What happened on the server and in the office; read only, households' own entries left out."""

    list_display = ("at", "actor_name", "action", "target_type", "target_name", "source")
    list_filter = ("action", "target_type")
    search_fields = ("actor_name", "target_name", "reason")
    date_hierarchy = "at"
    actions = None

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).exclude(HOUSEHOLDS)

    def has_add_permission(self, request: HttpRequest):
        return False

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None):
        return False
