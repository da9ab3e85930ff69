"""The register knows every number, and says which one is missing."""

import json

import pytest
from django.core.management import call_command

from billing import services
from billing.models import Counter, CounterAdjustment, Sequence
from billing.reports.register import check_counter, check_numbers, register
from tests.factories import make_issued, make_office_user

pytestmark = pytest.mark.django_db


def count_to(last: int) -> None:
    Counter.objects.update_or_create(
        sequence=Sequence.objects.get(code="SOA"), year=2026, defaults={"last_number": last}
    )


def sentences() -> list[str]:
    return [check.sentence for check in check_numbers()]


def test_whole_numbers_are_said_in_one_sentence():
    for number in (1, 2, 3):
        make_issued(number)
    count_to(3)
    assert sentences() == ["SOA 2026: 1 to 3, no gap"]


def test_a_missing_number_is_named():
    make_issued(1)
    make_issued(4)
    count_to(5)
    assert sentences() == ["SOA 2026: 1 to 5, missing 2, 3, 5"]


def test_numbers_left_out_with_a_reason_are_no_gap():
    make_issued(1)
    count_to(1)
    sequence = Sequence.objects.get(code="SOA")
    services.move_counter(
        actor=make_office_user("Admin"), sequence=sequence, year=2026, to=10, reason="Booklet"
    )
    make_issued(11)
    count_to(11)
    [check] = check_numbers()
    assert check.is_whole
    assert check.sentence == "SOA 2026: 1 to 11, 2 to 10 left out (Booklet)"


def test_a_number_beyond_the_counter_is_strange():
    make_issued(7)
    count_to(1)
    [check] = check_numbers()
    assert check.strange == ("SOA-2026-0007",)
    assert not check.is_whole


def test_numbers_issued_while_the_register_is_walked_are_not_strange():
    make_issued(1)
    count_to(1)
    as_read = Counter.objects.select_related("sequence").get()
    make_issued(2)
    count_to(2)
    assert check_counter(as_read).is_whole


def test_what_is_wrong_is_said_without_the_reasons_people_gave():
    count_to(3)
    CounterAdjustment.objects.create(
        counter=Counter.objects.get(),
        from_number=1,
        to_number=2,
        reason="For Casa Niña",
        made_by=make_office_user("Admin"),
    )
    [check] = check_numbers()
    assert (check.name, check.faults) == ("SOA 2026", ["missing 1, 3"])


def test_the_command_ends_with_1_when_a_number_is_missing(capsys):
    call_command("check_numbers")
    words = "No number has been taken yet.\nBalances: aging and ledger agree on every day.\n"
    assert capsys.readouterr().out == words
    make_issued(2)
    count_to(2)
    with pytest.raises(SystemExit) as ended:
        call_command("check_numbers", "--json")
    assert ended.value.code == 1
    assert json.loads(capsys.readouterr().out)[0]["missing"] == [1]


def test_the_register_is_in_order_and_costs_the_same_with_more_numbers(django_assert_num_queries):
    for number in (2, 1, 3):
        make_issued(number)
    sequence = Sequence.objects.get(code="SOA")
    with django_assert_num_queries(2):
        rows = [
            (row.sequence_number, row.client.name, row.issued_by, list(row.documents.all()))
            for row in register(sequence, 2026)
        ]
    assert [row[0] for row in rows] == [1, 2, 3]
