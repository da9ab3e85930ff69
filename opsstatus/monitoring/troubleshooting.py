"""What mends a signal that no other page mends: one list, shown as the help of Status."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Advice:
    """One trouble: what it means, and the steps that end it."""

    anchor: str
    title: str | Promise
    meaning: str | Promise
    steps: tuple[str | Promise, ...]


ADVICE = (
    Advice(
        "worker",
        _("The worker does not run"),
        _(
            "Nothing happens by the clock: no reminder, no import of a long file, no count. Nothing is "
            "lost; it catches up once it runs."
        ),
        (
            _(
                "“manage.py serve” starts web and worker together: restart it. In a container: “docker "
                "compose restart app”."
            ),
            _(
                "If web and worker run apart, look whether “serve --worker” runs, with the same "
                "DATABASE_URL and SECRET_KEY."
            ),
            _("If it stops again, its log says why in its last lines."),
        ),
    ),
    Advice(
        "counts",
        _("A count is missing or old"),
        _("What is too much work for a page is counted by the worker every hour."),
        (
            _("Look at “Daily worker” on Status first: while it stands still, nothing is counted."),
            _("“manage.py run_daily” counts at once and says what fails."),
        ),
    ),
    Advice(
        "migrations",
        _("The database lacks changes of this version"),
        _("The program was updated and its database was not. Pages may fail until it is."),
        (
            _("Restart with “manage.py serve”: it applies what is missing before it opens its door."),
            _("Or stop the server, run “manage.py migrate” and start it again."),
        ),
    ),
    Advice(
        "read-only",
        _("The database refuses changes"),
        _("Everything can be looked at; nothing can be saved, paid or imported."),
        (
            _(
                "SQLite: the file and its folder must belong to the account the server runs as, on a "
                "disk that is not mounted read-only. A disk that met an error is often remounted so: "
                "look at the machine’s log."
            ),
            _(
                "PostgreSQL: DATABASE_URL names a standby, or default_transaction_read_only is on. "
                "Point it at the primary server, or switch the setting off."
            ),
        ),
    ),
    Advice(
        "integrity",
        _("The database is damaged"),
        _("The daily check found pages or rows that are not as they were written."),
        (
            _(
                "“manage.py list_backups” shows the backups, “manage.py restore_backup ID --yes” puts one "
                "back. It keeps the damaged files in a folder beside the database and says which."
            ),
            _("Check the disk and the memory of the machine: a database does not break by itself."),
        ),
    ),
    Advice(
        "books",
        _("The books do not hold"),
        _(
            "The daily check found an entry of the audit log that was changed, removed or moved, a number "
            "without a document, or a day on which aging and ledger differ or something is below zero. The "
            "database itself keeps all three: somebody went past the program, the database is damaged, or "
            "the rows are older than the rule that refuses them."
        ),
        (
            _(
                "“manage.py verify_audit” names the first entry that does not fit, “manage.py check_numbers” "
                "the numbers and balances; in the office, Audit, Numbers and the client’s ledger show the "
                "place."
            ),
            _(
                "Copy the data directory or the database aside before anything else: it is the evidence. "
                "Look at who could reach the database since the last check that was good."
            ),
            _("Compare with the last backup that holds, and restore it if the difference is no one's will."),
        ),
    ),
    Advice(
        "disk",
        _("The disk is nearly full"),
        _("A backup or a change that finds no room fails. Nothing that was saved is in danger."),
        (
            _(
                "Administrators can sign in on a full disk too, for an hour at a time: Backups and Cleanup "
                "remove what nobody needs."
            ),
            _("Delete backups and exports that nobody needs, or move the data directory to a larger disk."),
            _("The signal turns green by itself as soon as there is room."),
        ),
    ),
    Advice(
        "memory",
        _("Memory is short"),
        _("The system may end the server or the worker without a word."),
        (
            _("Set WEB_WORKERS to 1 or 2 and restart, or give the machine more memory."),
            _("Look for other programs that take it."),
        ),
    ),
    Advice(
        "development",
        _("The server runs for development"),
        _("Error pages show source code and settings to whoever meets them."),
        (_("Unset DEBUG and restart."),),
    ),
    Advice(
        "secret-key",
        _("SECRET_KEY is another one"),
        _(
            "It signs sessions and queued jobs. After a change everybody signs in again, and jobs that "
            "were queued before are dropped."
        ),
        (
            _("Give web and worker the same SECRET_KEY and restart both."),
            _("If nobody changed it on purpose, look whether the data directory is still the one of before."),
        ),
    ),
    Advice(
        "encryption-keys",
        _("A key was taken away from ENCRYPTION_KEYS"),
        _("What it encrypted cannot be opened any more: passwords of the mail server, tokens of channels."),
        (
            _("Put the old key back behind the new one, restart, and run “manage.py rotate_secrets”."),
            _(
                "It says when the old key may go. What stays lost is entered again, on the page that "
                "shows it."
            ),
        ),
    ),
    Advice(
        "update",
        _("A newer version is out"),
        _("This one goes on working."),
        (
            _("Read the changelog, and make a backup."),
            _(
                "In a container: pull or build the new image and run “docker compose up -d”. Elsewhere:"
                " take the new version of the code and run “make run”. Migrations are applied at the "
                "start."
            ),
        ),
    ),
)
ANCHORS = {advice.anchor for advice in ADVICE}


def advice_url(anchor: str) -> str:
    """Return the address of that advice; KeyError for one that is not there."""
    if anchor not in ANCHORS:
        raise KeyError(anchor)
    return f"{reverse('opsstatus:status_help')}#{anchor}"
