"""What the pages of backups ask people for; only the shape is looked at here."""

import hmac

from django import forms
from django.utils.translation import gettext_lazy as _

from backups.archive.folders import Backup
from backups.archive.manifests import SHA256
from billtracker.core.settings.kinds import SECRET_LENGTH

OLD_SECRET = {"autocomplete": "off", "spellcheck": "false"}
PLAIN = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


class PassphraseField(forms.CharField):
    """The passphrase of an encrypted backup; empty means that of the settings."""

    def __init__(self):
        super().__init__(
            label=_("Passphrase"),
            help_text=_("Of an encrypted backup; empty: the one in the settings."),
            required=False,
            strip=False,
            max_length=SECRET_LENGTH,
            widget=forms.PasswordInput(attrs=OLD_SECRET),
        )


class VerifyForm(forms.Form):
    """The passphrase with which an encrypted backup is proven, where it is another than in the settings."""

    passphrase = PassphraseField()


class ImportForm(forms.Form):
    """A file that is brought in, and how one knows that it is the right one."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("A download of a backup (zip), a SQLite database, or pg_dump’s custom format."),
        max_length=255,
        allow_empty_file=True,
    )
    sha256 = forms.CharField(
        label=_("SHA-256"),
        help_text=_("If you know it: a file of another checksum is refused."),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs=PLAIN),
    )
    passphrase = PassphraseField()

    def clean_sha256(self) -> str:
        text = self.cleaned_data["sha256"].strip().lower()
        if text and not SHA256.fullmatch(text):
            raise forms.ValidationError(_("A SHA-256 is 64 characters, 0 to 9 and a to f."))
        return text


class ConfirmForm(forms.Form):
    """The backup's name typed by hand: nobody does what cannot be taken back by one click."""

    typed = forms.CharField(label=_("Name of the backup"), max_length=80, widget=forms.TextInput(attrs=PLAIN))

    def __init__(self, backup: Backup, data=None):
        super().__init__(data)
        self.backup = backup
        self.fields["typed"].help_text = _("Type %(id)s to confirm.") % {"id": backup.id}

    def clean_typed(self) -> str:
        typed = self.cleaned_data["typed"]
        if not hmac.compare_digest(typed.encode(), self.backup.id.encode()):
            raise forms.ValidationError(_("This is not the name of the backup. Nothing was changed."))
        return typed


class RestoreForm(ConfirmForm):
    """What a restore asks for: the backup's name, the reason, and the passphrase of an encrypted one."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("It stands in the audit log of the restored data.")
    )
    passphrase = PassphraseField()

    def __init__(self, backup: Backup, data=None):
        super().__init__(backup, data)
        self.order_fields(["reason", "passphrase", "typed"])
        if backup.manifest and not backup.manifest.is_encrypted:
            del self.fields["passphrase"]
