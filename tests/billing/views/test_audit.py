"""The page of the office's audit log: its filter, its words, its files, and whether the chain holds."""

import csv
import datetime as dt
import hashlib
import io
import json

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from billing import services
from billing.reports import audit as reports
from billtracker.core import audit
from billtracker.core.models import AuditEntry
from tests.audit_unlock import audit_log_unlocked
from tests.factories import make_client, make_draft, make_office, make_office_user, make_user

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOON, tick=False)]
PAGE = "/billing/audit/"


@pytest.fixture(autouse=True)
def office():
    return make_office()  # in Manila, eight hours ahead


@pytest.fixture
def client(client):
    client.force_login(make_office_user("Reviewer", username="rita"))
    return client


def record(target, action="client.edited", changes=None, actor=None, reason=""):
    with transaction.atomic():
        return audit.record(actor, action, target, changes, reason, scope="office")


@pytest.fixture
def chain():
    """Five entries about one client."""
    target = make_client(name="Casa Niña")
    return [record(target, changes={"terms_days": [n, n + 1]}) for n in range(5)]


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def positions(response) -> list[int]:
    return [row.entry.position for row in response.context["rows"]]


# --- what it shows -----------------------------------------------------------------------------
def test_an_entry_says_who_did_what_to_which_thing_before_and_after_why_and_where(client):
    actor = make_user(username="bea")
    token = audit.source_of_change.set("page")
    asked = audit.request_id.set("4711")
    try:
        entry = record(
            make_client(name="Casa <Niña>"),
            "client.edited",
            {"terms_days": [15, 30], "tags": [[], ["a", "b"]]},
            actor,
            "They asked",
        )
    finally:
        audit.source_of_change.reset(token)
        audit.request_id.reset(asked)
    shown = text_of(client.get(PAGE))
    for words in ("bea", "client.edited", "Casa &lt;Niña&gt;", "terms days:</span> <del>15</del>",
                  "<ins>30</ins>", "<del>–</del>", "<ins>a, b</ins>", "They asked", "page <code>4711</code>",
                  f'href="/billing/clients/{entry.target_id}/"', "21 Nov 2026, 20:00"):  # fmt: skip
        assert words in shown


def test_the_newest_entry_comes_first_and_households_entries_never(client, chain):
    with transaction.atomic():
        audit.record(None, "bill.created", make_client(name="Private"), scope="household:1")
    page = client.get(PAGE)
    assert positions(page) == [5, 4, 3, 2, 1]
    assert "Private" not in text_of(page)


def test_an_empty_log_says_what_will_be_there(client):
    assert "No entries yet" in text_of(client.get(PAGE))


def test_a_target_that_is_gone_or_odd_has_no_page_to_open(client):
    draft = make_draft()
    record(draft, "statement.deleted")
    draft.delete()
    odd = make_draft()
    odd.pk = "9" * 30
    record(odd, "statement.edited")
    assert [row.page for row in client.get(PAGE).context["rows"]] == ["", ""]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"),
        ("", "–"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        ([1, None], "1, –"),
        ({"a": [1]}, "a: 1"),
    ],
)
def test_each_value_has_words(value, said):
    assert reports.words(value) == said


def test_a_field_that_was_and_is_empty_is_not_told():
    changes = {"tags": [[], []], "notes": ["", None], "name": [None, "Casa"]}
    assert [change.field for change in reports.changes_of(AuditEntry(changes=changes))] == ["name"]


def test_a_bare_value_is_what_the_field_became():
    [change] = reports.changes_of(AuditEntry(changes={"row_count": 3}))
    assert (change.field, change.before, change.after) == ("row count", "–", "3")


# --- the filter --------------------------------------------------------------------------------
@pytest.fixture
def mixed(time_machine):
    """Entries of two days, two people and three kinds of things."""
    casa, draft = make_client(name="Casa Niña"), make_draft()
    # 16:00 in London is midnight of the next day in Manila.
    for at in (
        dt.datetime(2026, 11, 19, 15, 59, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 19, 16, tzinfo=dt.UTC),
    ):
        time_machine.move_to(at, tick=False)
        record(casa, "client.edited", actor=make_user(username=f"bea{at.hour}"))
    time_machine.move_to(NOON, tick=False)
    record(draft, "statement.submitted", actor=make_user(username="joanna"))
    record(draft, "statement.issued")
    record(make_user(username="Casanova"), "user.created")
    return {"casa": casa, "draft": draft}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("action=statement", [4, 3]),
        ("action=statement.issued", [4]),
        ("person=joanna", [3]),
        ("person=JOANNA", [3]),
        ("person=anna", []),
        ("person=server", [5, 4]),
        ("type=billing.client", [2, 1]),
        ("type=accounts.user", [5]),
        ("q=casa", [5, 2, 1]),
        ("q=casa&type=billing.client", [2, 1]),
        ("to=2026-11-19", [1]),
        ("from=2026-11-20&to=2026-11-20", [2]),
        ("from=2026-11-20", [5, 4, 3, 2]),
        ("entry=1", [4, 3, 2, 1]),
        ("entry=99", []),
    ],
)
def test_the_filter_narrows(client, mixed, asked, found):
    assert positions(client.get(f"{PAGE}?{asked}")) == found


def test_a_thing_is_found_by_its_key(client, mixed):
    asked = f"type=billing.statement&id={mixed['draft'].pk}"
    page = client.get(f"{PAGE}?{asked}")
    assert positions(page) == [4, 3]
    assert f"Only what was done to the statement Draft {mixed['draft'].pk}" in text_of(page)


@pytest.mark.parametrize(
    "asked",
    ["from=yesterday", "from=0001-01-01", "to=9999-12-31", "entry=-1", "entry=²", f"entry={'9' * 40}", "x=1"],
)
def test_what_is_no_filter_is_left_out(client, mixed, asked):
    page = client.get(f"{PAGE}?{asked}")
    assert positions(page) == [5, 4, 3, 2, 1]
    assert not page.context["is_narrowed"]


def test_nul_and_very_long_words_find_nothing_and_break_nothing(client, mixed):
    page = client.get(PAGE, {"q": "a\x00" * 500, "action": "%_", "person": "x" * 999})
    assert (page.status_code, positions(page)) == (200, [])
    assert "No entry fits" in text_of(page)


def test_the_proposals_come_from_the_latest_entries_and_the_offices_kinds(client, mixed):
    found = client.get(PAGE).context["proposals"]
    assert found.actions == ["client.edited", "statement.issued", "statement.submitted", "user.created"]
    assert found.people == ["bea15", "bea16", "joanna", "server"]
    assert {"billing.cyclerun", "accounts.user"} <= {kind for kind, _words in found.kinds}


def test_fifty_entries_a_page_cost_as_much_as_five(client, chain):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE).status_code == 200
        return len(queries)

    few, targets = count(), [make_client() for _ in range(60)]
    with transaction.atomic():
        audit.record_many(None, "client.created", [(target, {}) for target in targets], scope="office")
    assert count() == few
    page = client.get(f"{PAGE}?action=client&page=2")
    assert positions(page) == list(range(15, 0, -1))
    assert "51 to 65 of 65" in text_of(page)


# --- files -------------------------------------------------------------------------------------
def test_the_table_holds_what_the_filter_shows_and_no_formula(client, mixed):
    record(make_client(name="=HYPERLINK(1)"), changes={"notes": [None, "@SUM"]}, reason="-1+1")
    answer = client.get(f"{PAGE}csv/?type=billing.client")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [row["entry"] for row in rows] == ["6", "2", "1"]
    assert rows[0]["target"] == "'=HYPERLINK(1)"
    assert rows[0]["reason"] == "'-1+1"
    assert rows[0]["changes"] == "notes: – → @SUM"
    assert rows[1]["person"] == "bea16"


def test_the_json_is_an_array_even_of_nothing(client, mixed):
    assert json.loads(client.get(f"{PAGE}json/?person=nobody").getvalue()) == []
    found = json.loads(client.get(f"{PAGE}json/?action=statement").getvalue())
    assert [entry["position"] for entry in found] == [4, 3]


def test_whoever_has_the_json_can_prove_the_chain_without_us(client, mixed):
    record(mixed["casa"], changes={"name": ["a", "Niña"], "total": [None, "1850.00"]}, reason="ключ")
    previous = "0" * 64
    for entry in reversed(json.loads(client.get(f"{PAGE}json/").getvalue())):
        fields = ("scope", "position", "at", "actor_id", "actor_name", "action", "target_type", "target_id",
                  "target_name", "changes", "reason", "source", "request_id")  # fmt: skip
        body = json.dumps([previous, *(entry[name] for name in fields)], ensure_ascii=False, sort_keys=True)
        previous = hashlib.sha256(body.encode()).hexdigest()
        assert previous == entry["hash"]


def test_a_long_log_is_read_in_chunks(client, chain, monkeypatch):
    monkeypatch.setattr(reports, "CHUNK", 2)
    with CaptureQueriesContext(connection) as queries:
        found = [
            entry.position
            for entry in reports.read_in_chunks(reports.entries_shown(reports.AuditFilters(), "UTC"))
        ]
    assert (found, len(queries)) == ([5, 4, 3, 2, 1], 4)


def test_a_file_is_not_for_everybody(client):
    client.force_login(make_office_user("Biller"))
    assert {client.get(f"{PAGE}{kind}").status_code for kind in ("", "csv/", "json/")} == {403}


# --- does it hold ------------------------------------------------------------------------------
def test_a_chain_that_was_never_checked_is_never_said_to_hold(client, chain):
    shown = text_of(client.get(PAGE))
    assert "is not known yet" in shown
    assert "held" not in shown


def test_what_was_checked_and_what_came_since_is_told_apart(client, chain, time_machine):
    services.check_books()
    record(make_client())
    shown = text_of(client.get(PAGE))
    assert "21 Nov 2026, 20:00</time>: entries 1 to 5. 1 entry was written since." in shown
    assert "is late" not in shown
    time_machine.move_to(NOON + dt.timedelta(days=2, minutes=1), tick=False)
    assert "The daily check is late" in text_of(client.get(PAGE))


def edit() -> None:
    AuditEntry.objects.filter(scope="office", position=3).update(actor_name="mallory")


def delete() -> None:
    AuditEntry.objects.filter(scope="office", position=3).delete()


def reorder() -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        AuditEntry.objects.filter(scope="office", position=old).update(position=new)


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        (edit, "the entry or its place was changed"),
        (delete, "an entry is missing"),
        (reorder, "the entry or its place was changed"),
    ],
)
def test_page_and_command_name_the_first_entry_that_was_edited_deleted_or_moved(
    client, chain, capsys, tamper, reason
):
    services.check_books()
    with audit_log_unlocked(connection):
        tamper()
    with pytest.raises(SystemExit):
        call_command("verify_audit")
    assert capsys.readouterr().out == f"office: broken at entry 3: {reason}.\n"
    # The page says no more than the last check knew.
    assert "The chain held when it was last checked" in text_of(client.get(PAGE))
    services.check_books()
    page = client.get(PAGE)
    assert f"The chain is broken at entry 3: {reason}." in text_of(page)
    assert "held" not in text_of(page)
    around = client.get(f"{PAGE}?entry=3")
    assert set(positions(around)) <= {1, 2, 3, 4, 5}
    assert ("broken here" in text_of(around)) == (tamper is not delete)


# --- ways in -----------------------------------------------------------------------------------
def test_a_statement_and_a_client_lead_to_their_entries_for_who_may_read_them(client):
    draft = make_draft()
    record(draft, "statement.drafted")
    pages = {
        f"/billing/statements/{draft.pk}/": f"type=billing.statement&amp;id={draft.pk}",
        f"/billing/clients/{draft.client_id}/": f"type=billing.client&amp;id={draft.client_id}",
    }
    assert all(link in text_of(client.get(page)) for page, link in pages.items())
    client.force_login(make_office_user("Biller"))
    assert not any("/billing/audit/" in text_of(client.get(page)) for page in pages)
