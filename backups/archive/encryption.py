"""Encrypted backups in the format of ``age``: a key of its own for each, which the passphrase opens."""

from contextlib import suppress
from pathlib import Path

import pyrage
from django.db import DatabaseError
from django.utils import timezone

from backups.archive.manifests import KEY, SEALED
from backups.private_files import open_private
from billtracker.core.crypto import is_lost
from billtracker.core.exceptions import DomainError
from billtracker.core.settings import runtime_settings

LARGEST_KEY = 64 * 1024
WRONG = "The passphrase is wrong: it does not open this backup. Nothing was changed."
MISSING = "This backup is encrypted: its passphrase is needed. Nothing was changed."
DAMAGED = "{name} cannot be decrypted: it was changed or cut. Nothing was changed."
LOST = (
    "The passphrase of backups can no longer be read: its ENCRYPTION_KEYS are gone. "
    "Enter it again in the settings."
)


def saved_passphrase() -> str:
    """Return the passphrase of the settings, empty for none; DomainError when no key opens it any more."""
    value = runtime_settings.get("backup_passphrase")
    if is_lost(value):
        raise DomainError(LOST)
    return value


def new_identity(folder: Path, passphrase: str) -> pyrage.x25519.Recipient:
    """Make a key for one backup, keep it in the folder under the passphrase, and return its public half."""
    identity = pyrage.x25519.Identity.generate()
    recipient = identity.to_public()
    text = f"# created: {timezone.now():%Y-%m-%dT%H:%M:%SZ}\n# public key: {recipient}\n{identity}\n"
    with open_private(folder / KEY) as file:
        file.write(pyrage.passphrase.encrypt(text.encode(), passphrase))
    return recipient


def seal(path: Path, recipient: pyrage.x25519.Recipient) -> Path:
    """Encrypt a file beside it and remove the open one; returns the sealed one."""
    sealed = path.with_name(f"{path.name}{SEALED}")
    with path.open("rb") as source, open_private(sealed) as target:
        pyrage.encrypt_io(source, target, [recipient])
    path.unlink()
    return sealed


def opened_identity(folder: Path, passphrase: str | None) -> pyrage.x25519.Identity:
    """Return the key of a backup; DomainError for a wrong or missing passphrase, or a damaged key."""
    with suppress(DatabaseError):  # a damaged database tells none: then it has to be given
        passphrase = passphrase or saved_passphrase()
    if not passphrase:
        raise DomainError(MISSING, field="passphrase", code="passphrase")
    try:
        with (folder / KEY).open("rb") as file:
            text = pyrage.passphrase.decrypt(file.read(LARGEST_KEY), passphrase).decode()
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        return pyrage.x25519.Identity.from_str(lines[0])
    except pyrage.DecryptError:
        raise DomainError(WRONG, field="passphrase", code="passphrase") from None
    except (OSError, ValueError, IndexError, pyrage.IdentityError):
        raise DomainError(DAMAGED.format(name=KEY)) from None


def unseal(path: Path, target: Path, identity: pyrage.x25519.Identity) -> Path:
    """Decrypt a file; DomainError when it is not whole."""
    try:
        with path.open("rb") as source, open_private(target) as file:
            pyrage.decrypt_io(source, file, [identity])
    except (pyrage.DecryptError, OSError):
        raise DomainError(DAMAGED.format(name=path.name)) from None
    return target
