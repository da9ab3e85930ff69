"""Five operations an hour for one administrator: the sixth is told when to come back."""

import pytest

from backups import operation_states
from backups.archive.folders import all_backups
from tests.backups.made_backups import make_backup, text
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NOON = "2026-11-21T12:00:00Z"


def begin_some(names: list[str], time_machine, minutes_between: int = 10) -> None:
    """Let operations have begun one after the other from noon on, the last one just now."""
    time_machine.move_to(NOON, tick=False)
    for number, name in enumerate(names):
        time_machine.shift(minutes_between * 60 if number else 0)
        operation_states.write_state(operation_states.new_state("verify", name, operation_states.new_key()))


def addresses(backup) -> list[str]:
    paths = ["create/", "import/", *(f"{backup.id}/{act}/" for act in ("verify", "restore", "delete"))]
    return [f"/admin/backups/{path}" for path in paths]


def test_the_sixth_in_an_hour_is_refused_at_every_entry_point_and_says_when(signed_in, begun, time_machine):
    backup = make_backup()
    begin_some(["root-of-all"] * 5, time_machine)
    for path in addresses(backup):
        answer = signed_in.post(path, {"sent": 1, "confirmation": backup.id})
        assert (answer.status_code, answer["Retry-After"]) == (429, "1200"), path
        assert "are limited to 5 an hour. Nothing was done. Wait 20 min," in text(answer)
    assert begun == []
    assert [one.id for one in all_backups()] == [backup.id]


def test_a_script_is_told_as_json(signed_in, begun, time_machine):
    begin_some(["root-of-all"] * 5, time_machine)
    answer = signed_in.post("/admin/backups/create/", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many_requests")


def test_it_is_open_again_when_the_first_is_an_hour_ago(signed_in, begun, time_machine):
    begin_some(["root-of-all"] * 5, time_machine)
    time_machine.shift(1199)
    assert signed_in.post("/admin/backups/create/").status_code == 429
    time_machine.shift(1)
    assert signed_in.post("/admin/backups/create/").status_code == 302
    assert len(begun) == 1


def test_others_and_the_server_have_an_hour_of_their_own(client, signed_in, begun, time_machine):
    begin_some(["server"] * 3 + ["root-of-all"] * 5 + ["server"] * 9, time_machine, minutes_between=1)
    assert signed_in.post("/admin/backups/create/").status_code == 429
    client.force_login(make_user(username="another", is_superuser=True, is_staff=True))
    assert client.post("/admin/backups/create/").status_code == 302


def test_looking_is_not_counted(signed_in, time_machine):
    backup = make_backup()
    begin_some(["root-of-all"] * 5, time_machine)
    assert {signed_in.get(path).status_code for path in addresses(backup)[3:]} == {200}


def test_the_setting_is_the_limit(signed_in, begun, time_machine, monkeypatch):
    monkeypatch.setenv("BACKUP_OPERATIONS_PER_HOUR", "7")
    begin_some(["root-of-all"] * 6, time_machine)
    assert signed_in.post("/admin/backups/create/").status_code == 302
    begin_some(["root-of-all"] * 7, time_machine)
    assert signed_in.post("/admin/backups/create/").status_code == 429
