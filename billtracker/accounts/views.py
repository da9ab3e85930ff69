"""Pages of people and households: profile, API tokens, first set-up, household settings."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from billtracker.accounts import services
from billtracker.accounts.access import households
from billtracker.accounts.access.requests import HouseholdRequest, SignedInRequest
from billtracker.accounts.forms import HouseholdForm, ProfileForm, SetupForm, TokenForm
from billtracker.accounts.models import Household
from billtracker.accounts.sign_in import tokens
from billtracker.core.periods import time_zone_names
from billtracker.core.web.pages import get_or_post, render_form


# --- profile -----------------------------------------------------------------------------------
@get_or_post
@login_required
def profile(request: HouseholdRequest):
    """Show and change one's own name; list one's API tokens."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your name is saved."))
        return redirect("accounts:profile")
    return _render_profile(request, form=form)


def _time_zone_of(request: HouseholdRequest) -> str:
    """Return the time zone of the household on screen, else that of the server."""
    return request.membership.household.time_zone if request.membership else settings.TIME_ZONE


def _render_profile(request: HouseholdRequest, *, form=None, token_form=None, status=200, **context):
    """Render the profile page with its two forms."""
    owned = list(request.user.api_tokens.all())
    context |= {
        "form": form or ProfileForm(instance=request.user),
        "token_form": token_form or TokenForm(),
        "zone": _time_zone_of(request),
        "tokens": [(token, token.last_used_at) for token in owned],
    }
    return render(request, "accounts/profile.html", context, status=status)


@require_POST
@login_required
@never_cache
def token_create(request: HouseholdRequest):
    """Create an API token and show it this once."""
    form = TokenForm(request.POST)
    if form.is_valid():
        with form.catch_refusal():
            token, plain = tokens.make_token(user=request.user, **form.cleaned_data)
            return _render_profile(request, new_token=token, plain=plain)
    return _render_profile(request, token_form=form)


@require_POST
@login_required
def token_revoke(request: HouseholdRequest, pk):
    """End one of one's own API tokens."""
    token = get_object_or_404(request.user.api_tokens, pk=pk)
    tokens.revoke_token(actor=request.user, token=token)
    messages.success(request, _("The token “%(name)s” no longer works.") % {"name": token.name})
    return redirect("accounts:profile")


# --- the first administrator -------------------------------------------------------------------
@sensitive_post_parameters()
@never_cache
@get_or_post
def setup(request: HttpRequest, token):
    """Make the first administrator through the one-time link that `serve` prints."""
    if not services.is_setup_token(token):
        raise Http404
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = {name: form.cleaned_data[name] for name in ("username", "email", "password")}
        with form.catch_refusal():
            user = services.create_first_administrator(**fields)
            login(request, user)
            messages.success(request, _("Welcome. This server is yours."))
            return redirect("home")
    return render(request, "accounts/setup.html", {"form": form})


# --- households --------------------------------------------------------------------------------
@get_or_post
@households.household_required
def household(request: HouseholdRequest):
    """Show the household's settings and members; its owners change the settings."""
    current = request.membership.household
    is_owner = request.membership.is_owner
    if request.method == "POST" and not is_owner:
        raise PermissionDenied(_("Only an owner changes the household's settings. Nothing was changed."))
    form = HouseholdForm(request.POST or None, instance=current)
    if request.method == "POST" and form.is_valid():
        fresh = Household.objects.get(pk=current.pk)
        with form.catch_refusal():
            services.update_household(actor=request.user, household=fresh, **form.cleaned_data)
            messages.success(request, _("The household's settings are saved."))
            return redirect("accounts:household")
    context = _household_context(current, is_owner)
    return render_form(request, "accounts/household.html", form, context)


def _household_context(current, is_owner) -> dict:
    """What the household page shows."""
    return {
        "household": Household.objects.get(pk=current.pk),
        "is_owner": is_owner,
        "members": current.memberships.select_related("user"),
        "time_zones": time_zone_names(),
    }


@get_or_post
@login_required
def household_create(request: SignedInRequest):
    """Make a household of one's own."""
    form = HouseholdForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.catch_refusal():
            made = services.create_household(actor=request.user, **form.cleaned_data)
            request.session[households.SESSION_KEY] = made.pk
            messages.success(request, _("“%(name)s” is ready.") % {"name": made.name})
            return redirect("home")
    return render_form(request, "accounts/household_create.html", form, {"time_zones": time_zone_names()})


@require_POST
@login_required
def household_switch(request: SignedInRequest):
    """Choose the household that the next pages are about."""
    chosen = request.POST.get("household", "")
    if not chosen.isascii() or not chosen.isdigit() or len(chosen) > 18:
        raise Http404
    membership = households.membership_for(request.user, int(chosen))
    request.session[households.SESSION_KEY] = membership.household_id
    messages.info(request, _("This is “%(name)s” now.") % {"name": membership.household.name})
    return redirect("home")
