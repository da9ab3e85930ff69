"""The command that brings files in."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from billing.models import Client, Engagement
from bills.models import Bill
from billtracker.accounts.models import Role
from billtracker.core.models import ImportPreview
from tests.factories import make_household, make_member, make_office, make_office_user, make_user

BILLS = Path(__file__).parents[1] / "data" / "bills-household.csv"
CLIENTS = Path(__file__).parents[1] / "data" / "office-clients.csv"


@pytest.fixture
def household(db):
    return make_household(make_user(username="ann"))


def run(*args, capsys=None):
    """Return the exit code and the JSON the command wrote."""
    code = 0
    try:
        call_command("import_file", *args, "--json")
    except SystemExit as error:
        code = error.code
    return code, json.loads(capsys.readouterr().out)


def test_without_apply_it_shows_every_row_and_writes_nothing(household, capsys):
    code, report = run("bills", str(BILLS), "--user", "ann", capsys=capsys)
    assert code == 1
    assert report["counts"] == {"ok": 29, "problem": 2, "duplicate": 1}
    assert (report["applied"], report["batch"], len(report["rows"])) == (0, None, 32)
    assert (Bill.objects.count(), ImportPreview.objects.count()) == (0, 0)


def test_with_apply_the_fine_rows_come_in(household, capsys):
    code, report = run(
        "bills", str(BILLS), "--user", "ann", "--apply", "--start-month", "2026-03", capsys=capsys
    )
    assert (code, report["applied"], Bill.objects.count()) == (1, 29, 29)
    assert Bill.objects.get(name="Rent").start_date.isoformat() == "2026-03-01"


def test_a_file_without_problems_ends_with_0(household, capsys, tmp_path):
    file = tmp_path / "b.csv"
    file.write_text("bill,amount,due day\nRent,5,1\n")
    assert run("bills", str(file), "--user", "ann", "--apply", capsys=capsys)[0] == 0


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["clients", "x.csv", "--user", "ann"], "With your role you may not edit clients and engagements"),
        (["transactions", "x.csv", "--user", "ann"], "Files of transactions cannot be brought in yet"),
        (["bills", "/no/such/file", "--user", "ann"], "cannot be read: No such file"),
        (["bills", str(BILLS), "--user", "bob"], "There is no active user 'bob'"),
        (
            ["bills", str(BILLS), "--user", "ann", "--household", "99999"],
            "ann may not change such a household",
        ),
        (["bills", str(BILLS), "--user", "ann", "--start-month", "soon"], "Choose a month such as 2026-01"),
        (["payments", str(BILLS), "--user", "ann"], "Say which column holds “Paid on”."),
    ],
)
def test_what_is_refused_ends_with_2_and_one_line(household, args, sentence):
    with pytest.raises(CommandError, match=sentence) as refusal:
        call_command("import_file", *args)
    assert refusal.value.returncode == 2
    assert "\n" not in str(refusal.value)


def test_a_viewer_is_refused_and_several_households_need_a_choice(household):
    viewer = make_member(household, role=Role.VIEWER).user
    with pytest.raises(CommandError, match="may not change such a household"):
        call_command("import_file", "bills", str(BILLS), "--user", viewer.username)
    make_household(household.memberships.first().user)
    with pytest.raises(CommandError, match="name one with --household"):
        call_command("import_file", "bills", str(BILLS), "--user", "ann")


def test_clients_come_into_the_office_and_need_no_household(db, capsys):
    make_office(currency="PHP")
    make_office_user("Biller", username="bo")
    code, report = run("clients", str(CLIENTS), "--user", "bo", capsys=capsys)
    assert (code, report["counts"], Client.objects.count()) == (
        0,
        {"ok": 31, "problem": 0, "duplicate": 0},
        0,
    )
    code, report = run("clients", str(CLIENTS), "--user", "bo", "--apply", capsys=capsys)
    assert (code, report["applied"], Client.objects.count(), Engagement.objects.count()) == (0, 31, 26, 31)


def test_new_clients_are_billed_in_the_named_currency(db, capsys):
    make_office(currency="PHP")
    make_office_user("Admin", username="ada")
    run("clients", str(CLIENTS), "--user", "ada", "--apply", "--currency", "EUR", capsys=capsys)
    assert set(Client.objects.values_list("currency", flat=True)) == {"EUR"}


@pytest.mark.parametrize("roles", [(), ("Viewer",)])
def test_who_may_not_edit_clients_is_refused_by_the_command(db, roles):
    make_office_user(*roles, username="vic")
    with pytest.raises(CommandError, match="you may not edit clients and engagements") as refusal:
        call_command("import_file", "clients", str(CLIENTS), "--user", "vic")
    assert refusal.value.returncode == 2


def test_a_file_with_two_readings_is_refused_until_one_is_chosen(household, capsys, tmp_path):
    """B10, B11: the command asks as the page does."""
    file = tmp_path / "b.csv"
    file.write_bytes("Bill,Amount,Due day\nАренда,5,1\n".encode("cp1251"))
    with pytest.raises(CommandError, match="not in Unicode") as error:
        call_command("import_file", "bills", str(file), "--user", "ann", "--apply")
    assert error.value.returncode == 2
    assert not ImportPreview.objects.exists()
    call_command("import_file", "bills", str(file), "--user", "ann", "--apply", "--encoding", "cp1251")
    assert Bill.objects.get().name == "Аренда"
