"""Who is it? One password check for each attempt, whether there is such an account or not."""

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import filter_users_by_email, get_user_by_username
from django.http import HttpRequest

from billtracker.accounts.models import User


class SignInBackend(AuthenticationBackend):
    """By user name or e-mail address; the time of an answer does not tell which accounts there are."""

    def _authenticate(self, request: HttpRequest | None, **credentials) -> User | None:
        """Check the password of the account that is meant, once; the base class checks one for nobody.

        Two accounts are meant where one's user name is the other's address.
        """
        logins = {credentials[name] for name in ("username", "email") if credentials.get(name)}
        users = {user.pk: user for login in logins for user in _accounts_of(login)}
        for user in users.values():
            if self._check_password(user, credentials["password"]):
                return user
        return None


def _accounts_of(login: str) -> list[User]:
    by_name = get_user_by_username(login)
    by_address = filter_users_by_email(login, prefer_verified=True, for_login=True)
    return [*([by_name] if by_name else []), *by_address]
