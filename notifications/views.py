"""Pages of the post office: one's own preferences and channels, and the way out of reminders by mail."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications import services


# --- unsubscribing -----------------------------------------------------------------------------
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Say what the link switches off; a POST, from the page or from a mail program, does it."""
    user = services.user_of_token(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        services.stop_mail_reminders(user=user)
    return render(request, "notifications/unsubscribe.html", {"is_done": request.method == "POST"})
