"""Pages of notifications: one's own preferences and channels, the way out, and the outbox."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from billtracker.accounts.access.administrators import administrator_required
from billtracker.accounts.access.requests import SignedInRequest
from billtracker.core.crypto import is_lost
from billtracker.core.periods import time_zone_names
from billtracker.core.web.pages import back_to, get_or_post, paginate, refusing, say
from notifications import reports, services
from notifications.forms import AddressForm, ChannelForm, MailFilter, PreferencesForm
from notifications.models import Message, Preferences

PAGE = 50


# --- one's own preferences ---------------------------------------------------------------------
@get_or_post
@login_required
def notification_preferences(request: SignedInRequest) -> HttpResponse:
    """Show and change how one is reminded; list one's channels."""
    row = _preferences_of(request)
    form = PreferencesForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        services.save_preferences(actor=request.user, **form.cleaned_data)
        messages.success(request, _("How you are reminded is saved."))
        return redirect("notifications:notification_preferences")
    return _render_preferences(request, form=form, status=422 if form.is_bound else 200)


def _preferences_of(request: SignedInRequest) -> Preferences | None:
    """Return what the signed-in person chose, None for who never chose."""
    return Preferences.objects.filter(user=request.user).first()


def _render_preferences(
    request: SignedInRequest, *, form=None, channel_form=None, status=200
) -> HttpResponse:
    """Render the page with its two forms."""
    channels = list(request.user.channels.all())
    context = {
        "form": form or PreferencesForm(instance=_preferences_of(request)),
        "channel_form": channel_form or ChannelForm(),
        "channels": [(channel, is_lost(channel.address)) for channel in channels],
        "time_zones": time_zone_names(),
        "has_mail": reports.is_mail_configured(),
    }
    return render(request, "notifications/preferences.html", context, status=status)


@require_POST
@login_required
def channel_add(request: SignedInRequest) -> HttpResponse:
    """Add a channel of one's own."""
    form = ChannelForm(request.POST)
    if form.is_valid():
        with form.catch_refusal():
            services.add_channel(actor=request.user, **form.cleaned_data)
            say(request, _("The channel is added. Send a test to see that it arrives."))
            return redirect("notifications:notification_preferences")
    return _render_preferences(request, channel_form=form, status=422)


@require_POST
@login_required
def channel_test(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send a test to one of one's own channels."""
    channel = get_object_or_404(request.user.channels, pk=pk)
    with refusing(request):
        services.try_channel(actor=request.user, channel=channel)
        say(request, _("A test is on its way to “%(name)s”.") % {"name": channel.name})
    return redirect("notifications:notification_preferences")


@require_POST
@login_required
def channel_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remove one of one's own channels."""
    channel = get_object_or_404(request.user.channels, pk=pk)
    services.remove_channel(actor=request.user, channel=channel)
    say(request, _("“%(name)s” is removed.") % {"name": channel.name})
    return redirect("notifications:notification_preferences")


# --- unsubscribing -----------------------------------------------------------------------------
@csrf_exempt
@never_cache
@get_or_post
def unsubscribe(request: SignedInRequest, token: str) -> HttpResponse:
    """Say what the link switches off; a POST, from the page or from a mail program, does it."""
    user = services.user_of_token(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        services.stop_mail_reminders(user=user)
    return render(request, "notifications/unsubscribe.html", {"is_done": request.method == "POST"})


# --- the outbox --------------------------------------------------------------------------------
@require_safe
@administrator_required
def mail_list(request: SignedInRequest) -> HttpResponse:
    """List the outbox without texts and subjects: when, to whom, what became of it."""
    form = MailFilter(request.GET)
    rows = Message.objects.real().select_related("user", "channel").defer("subject", "html")
    page = paginate(request, form.apply_to(rows), PAGE)
    context = {"page_obj": page, "form": form, "test_form": AddressForm(), "time_zone": settings.TIME_ZONE}
    return render(request, "notifications/mail_list.html", context)


@require_POST
@administrator_required
def mail_retry(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have a failed message tried again now; one that may have arrived only with the word that it may."""
    message = get_object_or_404(Message.objects.real(), pk=pk)
    with refusing(request):
        twice = request.POST.get("twice") == "yes"
        services.retry_message(actor=request.user, message=message, may_arrive_twice=twice)
        say(request, _("The message is tried again within a minute."))
    return back_to(request, reverse("notifications:mail_list"))


@require_POST
@administrator_required
def mail_give_up(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back a message that waits or would be tried again."""
    with refusing(request):
        services.give_up_message(actor=request.user, message=get_object_or_404(Message.objects.real(), pk=pk))
        say(request, _("The message is given up."))
    return back_to(request, reverse("notifications:mail_list"))


@require_POST
@administrator_required
def mail_test(request: SignedInRequest) -> HttpResponse:
    """Send a test mail at once and tell what the server said."""
    form = AddressForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors.get("address", []))))
        return redirect(_settings_address())
    with refusing(request):
        sent = services.send_test(actor=request.user, address=form.cleaned_data["address"])
        if sent.state == Message.State.SENT:
            say(request, _("The mail server accepted the test."))
        else:
            messages.error(request, _("The test was not sent. %(reason)s") % {"reason": sent.reason})
    return redirect(_settings_address())


def _settings_address() -> str:
    """Return the page where mail is set up, or the outbox on a server without it."""
    try:
        return reverse("opsstatus:settings")
    except NoReverseMatch:
        return reverse("notifications:mail_list")
