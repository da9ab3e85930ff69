"""How allauth behaves here: nobody signs up, limits answer 429, redirects stay on this site."""

from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import respond_429
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from billtracker.core.web.addresses import absolute_url


class AccountAdapter(DefaultAccountAdapter):
    """Registration is closed; accounts come from commands, the set-up link and invitations."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url) -> bool:
        """Only paths and this very address; allauth's own also takes every ALLOWED_HOSTS."""
        host = {self.request.get_host()}
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts=host, require_https=self.request.is_secure()
        )

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a mail; the host that somebody asked under is nobody's promise."""
        own = super().get_reset_password_from_key_url(key)
        return absolute_url(urlsplit(own).path, context.request)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation) -> str:
        own = super().get_email_confirmation_url(request, emailconfirmation)
        return absolute_url(urlsplit(own).path, request)

    def pre_authenticate(self, request: HttpRequest, **credentials) -> None:
        """Count the attempt; beyond the limit answer 429 instead of an error inside the form."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            raise ImmediateHttpResponse(respond_429(request)) from error
