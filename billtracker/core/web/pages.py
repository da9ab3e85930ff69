"""What page views share: forms on pages, pages of lists, saying what happened, going back safely."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import get_resolver
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from billtracker.core.exceptions import DomainError, LimitReached
from billtracker.core.text import clean


def say(request: HttpRequest, sentence: str, *, undo: str = "") -> None:
    """Show the sentence on the next page; ``undo`` is the address that takes the act back by POST."""
    messages.success(request, sentence, extra_tags=f"undo:{undo}" if undo else "")


@contextmanager
def refusing(request: HttpRequest) -> Iterator[None]:
    """Turn a DomainError of the block into a message; what the block was doing was rolled back."""
    try:
        yield
    except DomainError as error:
        messages.error(request, error.sentence)


# A page with a form on it: looked at, or sent.
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def render_form(request: HttpRequest, template: str, form: BaseForm, context: Mapping) -> HttpResponse:
    """Answer a page with its form: 422 when it was sent and is shown again because something is wrong."""
    status = 422 if form.is_bound else 200
    return render(request, template, {"form": form, **context}, status=status)


def query_texts(request: HttpRequest) -> dict[str, str]:
    """Return what the address asks for, each text cleaned; of a name given twice the last."""
    return {name: clean(str(value)) for name, value in request.GET.items()}


def paginate(request: HttpRequest, rows, size: int) -> Page:
    """Return the page of the rows that ``?page=`` asks for; the nearest one when there is no such page."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def limit_reached(request: HttpRequest, refusal: LimitReached) -> HttpResponse:
    """Answer 429 as a page or as JSON, with Retry-After."""
    handler: Callable[..., HttpResponse] = get_resolver().resolve_error_handler(429)
    return handler(request, exception=refusal)


def back_to(request: HttpRequest, default: str) -> HttpResponse:
    """Return to the form's ``next``, else to the page it was on, else to ``default``; never elsewhere."""
    referrer = urlsplit(request.headers.get("referer", ""))
    came_from = f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path
    own = referrer.netloc == request.get_host()
    for url in (request.POST.get("next", ""), came_from if own else ""):
        if url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None):
            return redirect(url)
    return redirect(default)
