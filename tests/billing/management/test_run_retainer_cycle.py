"""The command of the retainer cycle: what it says, and with which code it ends."""

import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from billing.models import CycleRun, Statement
from tests.factories import make_engagement, make_office, make_office_user, make_period

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def books():
    make_office()
    make_office_user("Biller", username="ben")
    make_office_user("Viewer", username="vera")
    make_office_user(username="olga")
    make_office_user("Biller", username="gone", is_active=False)
    make_engagement()
    make_engagement(status="suspended", title="Audit")


def run(capsys, *arguments: str) -> str:
    call_command("run_retainer_cycle", *arguments)
    return capsys.readouterr().out


def test_it_makes_the_drafts_and_names_what_was_skipped(capsys):
    skipped, sums = run(capsys, "2025-09", "--user", "ben").strip().splitlines()
    assert skipped.endswith(", Audit: The engagement is suspended.")
    assert skipped.startswith("skipped: Client ")
    assert sums == "2025-09, done: 1 created, 0 exists, 1 skipped, 0 failed."
    assert Statement.objects.count() == 1
    assert "0 created, 1 exists" in run(capsys, "2025-09", "--user", "ben")


def test_a_dry_run_says_the_same_and_writes_nothing(capsys):
    dry = run(capsys, "2025-09", "--user", "ben", "--dry-run")
    assert not Statement.objects.exists()
    assert not CycleRun.objects.exists()
    assert dry.replace("dry run", "done") == run(capsys, "2025-09", "--user", "ben")


@pytest.mark.parametrize("state", ["locked", "closed"])
def test_a_shut_month_is_said_for_each_retainer_in_dry_run_and_run_alike(capsys, state):
    make_period("2025-09", state)
    dry, real = (run(capsys, "2025-09", "--user", "ben", *more) for more in (["--dry-run"], []))
    assert f", Bookkeeping: September 2025 is {state}." in real
    assert "2025-09, done: 0 created, 0 exists, 2 skipped, 0 failed." in real
    assert dry.replace("dry run", "done") == real
    assert not Statement.objects.exists()


def test_machines_get_one_object(capsys):
    report = json.loads(run(capsys, "2025-09", "--user", "ben", "--json"))
    assert report["counts"] == {"created": 1, "exists": 0, "skipped": 1, "failed": 0}
    assert (report["period"], report["state"]) == ("2025-09", "done")
    assert report["run"] == CycleRun.objects.get().pk
    assert report["lines"][0]["reason"] == "The engagement is suspended."


def test_a_partial_run_ends_with_one(capsys):
    make_engagement(title="Spoilt")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_feestep SET amount = 1 WHERE id = (SELECT MAX(id) FROM billing_feestep)"
        )
    for options in (["--dry-run"], []):
        with pytest.raises(SystemExit) as end:
            run(capsys, "2025-09", "--user", "ben", *options)
        assert end.value.code == 1
        assert "Spoilt: MoneyError" in capsys.readouterr().out
    assert Statement.objects.count() == 1


@pytest.mark.parametrize(
    ("period", "user", "sentence"),
    [
        ("2025-13", "ben", "'2025-13' is not a month"),
        ("abcd-ef", "ben", "'abcd-ef' is not a month"),
        ("", "ben", "'' is not a month"),
        ("0000-01", "ben", "'0000-01' is not a month"),
        ("2025-09", "nobody", "no active user 'nobody'"),
        ("2025-09", "gone", "no active user 'gone'"),
        ("2025-09", "vera", "With your role you may not"),
        ("2025-09", "olga", "With your role you may not"),
    ],
)
@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_what_is_refused_is_one_line_with_code_two(period, user, sentence, options):
    with pytest.raises(CommandError) as error:
        call_command("run_retainer_cycle", period, "--user", user, *options)
    assert error.value.returncode == 2
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)
    assert not CycleRun.objects.exists()


def test_a_shell_sees_one_line_and_no_traceback(server):
    done = subprocess.run(
        [sys.executable, "manage.py", "run_retainer_cycle", "2025-13", "--user", "nobody"],
        cwd=settings.BASE_DIR,
        env=server.environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1
