"""How the commands of backups answer: one line or one object, and our exit codes."""

import json
import sys
from collections.abc import Callable

from django.core.management.base import BaseCommand, CommandError

from billtracker.core.data.database_errors import refusing_database_faults
from billtracker.core.exceptions import DomainError

UNHEALTHY, REFUSED = 1, 2


class BackupCommand(BaseCommand):
    """A command about backups: on its way at once, for nothing of it depends on addresses and templates."""

    requires_system_checks = []


def refusal(sentence: str) -> CommandError:
    return CommandError(sentence, returncode=REFUSED)


def run_or_refuse(work: Callable):
    """Do the work; a refusal becomes one line on standard error and exit code 2."""
    try:
        with refusing_database_faults():
            return work()
    except DomainError as error:
        raise refusal(error.sentence) from None


def tell(command, result, data: dict, as_json: bool) -> None:
    """Print the result's sentence, or ``data`` as one object; exit code 1 for a result that is not ok."""
    is_ok = getattr(result, "is_ok", True)
    command.stdout.write(
        json.dumps({**data, "sentence": result.sentence}, ensure_ascii=False) if as_json else result.sentence
    )
    if not is_ok:
        sys.exit(UNHEALTHY)


def describe_backup(backup) -> dict:
    """Return a backup for machines; a damaged one has its fault."""
    manifest, proof = backup.manifest, backup.proof
    return {
        "id": backup.id,
        "kind": backup.kind,
        "created_at": (manifest.created_at if manifest else backup.created_at).isoformat(),
        "engine": manifest.engine if manifest else None,
        "app_version": manifest.app_version if manifest else None,
        "bytes": backup.size,
        "encrypted": manifest.is_encrypted if manifest else None,
        "proof": {"at": proof.at.isoformat(), "ok": proof.is_ok, "fault": proof.fault} if proof else None,
        "fault": backup.fault,
    }
