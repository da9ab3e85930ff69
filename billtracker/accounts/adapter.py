"""How allauth behaves here: nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Registration is closed; accounts come from commands, the set-up link and invitations."""

    def is_open_for_signup(self, request) -> bool:
        return False
