"""The scheduled jobs run by hand: in order, one sentence each, and 1 at the end when one failed."""

import pytest
from django.core.management import call_command

from bills import tasks
from billtracker.core import audit
from billtracker.core.process.jobs import JobFailed
from billtracker.schedule import SCHEDULE
from opsstatus.models import StoredFact

pytestmark = pytest.mark.django_db


def test_every_job_says_one_sentence_in_order(capsys):
    call_command("run_daily")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [job.name for job in SCHEDULE if job.by_hand]
    assert all(line.endswith(".") for line in lines)


def test_its_changes_come_from_the_job_and_the_next_ones_do_not(monkeypatch):
    seen = []
    monkeypatch.setattr(
        tasks, "make_occurrences", lambda: seen.append(audit.source_of_change.get()) or "Done."
    )
    before = audit.source_of_change.get()
    call_command("run_daily")
    assert seen == ["job bills.tasks.make_occurrences"]
    assert audit.source_of_change.get() == before


def test_the_heartbeat_cannot_be_made_by_hand():
    call_command("run_daily")
    assert not StoredFact.objects.filter(name="heartbeat").exists()


@pytest.mark.parametrize(("failure", "sentence"), [
    (JobFailed("Made 0 occurrences; 1 households failed, see the log."), "failed. Made 0 occurrences; 1"),
    (ValueError("of anna"), "failed (ValueError); the log has more."),
])  # fmt: skip
def test_a_job_that_fails_stops_no_other(capsys, monkeypatch, failure, sentence):
    def fail():
        raise failure

    monkeypatch.setattr(tasks, "make_occurrences", fail)
    with pytest.raises(SystemExit) as ended:
        call_command("run_daily")
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert f"bills.tasks.make_occurrences: {sentence}" in said.err
    assert "anna" not in said.err
    assert "opsstatus.tasks.clean_up: Nothing to remove." in said.out
