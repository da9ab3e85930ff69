"""Running an operation: the lock, the state that pages show, and the service that does the work."""

from django.utils.module_loading import import_string

from backups.archive.folders import Backup, find_backup
from backups.operations import Operation, begin

# Each takes ``actor``, ``report`` and its own arguments, and returns something with a ``sentence`` for
# people. It may have a ``backup_id``, and ``is_ok``: False ends the operation as failed.
SERVICES = {
    "create": "backups.services.create.create_backup",
    "scheduled": "backups.services.scheduled.make_scheduled_backup",
    "verify": "backups.services.verify.verify_backup",
    "proof": "backups.services.scheduled.prove_newest_backup",
    "import": "backups.services.imports.import_backup",
    "restore": "backups.services.restore.restore_backup",
    "move": "backups.services.move_database.move_database",
    "delete": "backups.services.delete.delete_backup",
}


def run_operation(kind: str, actor, /, *, key: str | None = None, lock: int | None = None, **arguments):
    """Do the work of that kind as the one operation, and return what the service returned.

    A ``backup`` among the arguments may be its id. Raises DomainError; code ``busy`` when another operation
    runs.
    """
    name = actor.get_username() if actor else "server"
    with begin(kind, name, key, lock) as operation:
        if backup := arguments.get("backup"):
            found = backup if isinstance(backup, Backup) else find_backup(backup)
            operation.name_backup(found.id)
            arguments["backup"] = found
        result = import_string(SERVICES[kind])(actor=actor, report=operation.report, **arguments)
        _keep_result(operation, result)
    return result


def _keep_result(operation: Operation, result) -> None:
    if backup_id := getattr(result, "backup_id", ""):
        operation.name_backup(backup_id)
    operation.say(result.sentence)
    operation.is_ok = getattr(result, "is_ok", True)
