"""Answers of both versions of the protocol, honest ones and hostile ones."""

import datetime as dt
import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banksync.simplefin.answers import read_answer
from banksync.simplefin.failures import RequestFailed
from tests.simplefin_server import account, transaction

BIDI = "\u202e\u2066\x00"


def answer_of(*accounts, **fields):
    return read_answer(json.dumps({"accounts": list(accounts), **fields}).encode())


def only_row(**fields):
    rows = answer_of(account("a", {**transaction("t"), **fields})).accounts[0].transactions
    return rows[0] if rows else None


def test_version_1_names_the_bank_in_the_account():
    """Requirement 8"""
    org = {"domain": "mybank.example.org", "name": "My Bank", "sfin-url": "https://sfin.example.org"}
    row = answer_of({**account("a"), "conn_id": None, "org": org}, errors=[]).accounts[0]
    assert (row.institution_id, row.institution) == ("mybank.example.org", "My Bank")


def test_version_2_names_the_bank_in_a_list_of_its_own():
    """Requirement 8"""
    row = answer_of(account("a"), connections=[{"conn_id": "con-1", "name": "My Bank"}]).accounts[0]
    assert (row.institution_id, row.institution) == ("con-1", "My Bank")


@pytest.mark.parametrize("body", [
    b'{"accounts": [{"id": "a", "balance": NaN}]}', b'{"accounts": "none"}', b"[]", b"null", b"{}",
    b"\xff\xfe", b'{"accounts": [], "errlist": {}}', b'{"accounts": [' + b"[" * 50_000,
])  # fmt: skip
def test_an_answer_that_makes_no_sense_as_a_whole_is_refused(body):
    """Requirement 8"""
    with pytest.raises(RequestFailed):
        read_answer(body)


@pytest.mark.parametrize(("sent", "amount"), [
    ("-12.50", "-12.50"), ("12", "12.00"), ("+3.5", "3.50"), ("-0.00", "0.00"), (".5", "0.50"),
    ("1.2000", "1.20"), (12, "12.00"), (1.1, "1.10"),
])  # fmt: skip
def test_amounts_are_exact(sent, amount):
    """Requirement 9"""
    row = only_row(amount=sent)
    assert row.amount == Decimal(amount)
    assert not row.amount.is_signed() or row.amount < 0


@pytest.mark.parametrize("sent", [
    "", "1,000.00", "1e3", "NaN", "Infinity", "0x10", "\u0661\u0662", "1.005", "1 2", "--1", None, True,
    [], "9" * 16, "100000000000.00", 1e30,
])  # fmt: skip
def test_an_odd_amount_is_left_out_and_counted(sent):
    """Requirement 9"""
    answer = answer_of(account("a", {**transaction("t"), "amount": sent}, transaction("fine")))
    assert [row.id for row in answer.accounts[0].transactions] == ["fine"]
    assert answer.odd_row_count == 1
    assert not answer.is_complete_for(answer.accounts[0])


@pytest.mark.parametrize(("sent", "day"), [
    (1_795_219_200, dt.date(2026, 11, 21)), (1_795_219_199, dt.date(2026, 11, 20)), (0, None), ("0", None),
    (1_795_219_200.0, dt.date(2026, 11, 21)),
])  # fmt: skip
def test_the_day_is_that_of_utc_and_zero_is_none(sent, day):
    """Requirement 9"""
    assert only_row(posted=sent).posted_on == day


@pytest.mark.parametrize("sent", [-1, 10**11, 10**30, "soon", "2026-11-21", True, {}, 1.5])
def test_an_epoch_out_of_reach_makes_the_row_odd(sent):
    """Requirement 9"""
    assert only_row(posted=sent) is None


def test_texts_are_cleaned_of_what_cannot_be_seen():
    """Requirement 9"""
    row = only_row(description=f" Rent{BIDI}\n to\ud800 pay ", payee="x" * 5_000, memo=["no text"])
    assert row.description == "Rent to\ufffd pay"
    assert (len(row.payee), row.memo) == (200, "")


@pytest.mark.parametrize("key", ["", None, 7.5, "a\x00", " a", "x" * 256, "\ud800", ["a"]])
def test_a_row_without_a_usable_id_is_odd(key):
    """Requirement 11"""
    if key == 7.5:
        # Numbers are read as their text, which is as good an id as any.
        assert only_row(id=key).id == "7.5"
    else:
        assert only_row(id=key) is None


def test_two_rows_with_different_ids_are_two_however_alike():
    """Requirement 11"""
    rows = answer_of(account("a", transaction("t1"), transaction("t2"))).accounts[0].transactions
    assert [row.id for row in rows] == ["t1", "t2"]


def test_the_same_id_twice_counts_once_and_as_odd():
    """Requirement 11"""
    answer = answer_of(account("a", transaction("t"), transaction("t", amount="-99.00")))
    assert [row.amount for row in answer.accounts[0].transactions] == [Decimal("-10.00")]
    assert answer.odd_row_count == 1


def test_an_account_id_is_unique_within_its_bank_only():
    """Requirement 11"""
    answer = answer_of(account("a"), account("a", conn_id="con-2"), account("a"))
    assert [row.institution_id for row in answer.accounts] == ["con-1", "con-2"]
    assert answer.odd_account_count == 1


def test_a_custom_currency_is_kept_as_its_address():
    """Requirement 9"""
    url = "https://bank.example.org/currency/miles"
    row = answer_of(account("a", transaction("t", amount="1.2345"), currency=url, balance="12.0")).accounts[0]
    assert (row.currency, row.custom_currency, row.balance) == ("", url, "12.0")
    assert row.transactions[0].amount == Decimal("1.2345")


def test_errors_are_without_markup_and_links_and_capped():
    """Requirement 10"""
    hostile = (
        f"<a href='https://evil.example.org'>Sign in</a> at https://evil.example.org/x {BIDI} now" + "!" * 999
    )
    error = answer_of(errors=[hostile]).errors[0]
    assert error.text.startswith("Sign in at [link] now!!!")
    assert len(error.text) == 300


def test_at_most_twenty_errors_are_kept_and_each_once():
    """Requirement 10"""
    texts = [f"Error {number}" for number in range(50)]
    listed = [{"code": "gen.", "msg": text} for text in texts]
    assert [error.text for error in answer_of(errlist=listed, errors=texts).errors] == texts[:20]


@pytest.mark.parametrize(("fields", "complete"), [
    ({"errlist": [{"code": "act.failed", "msg": "no", "conn_id": "con-1", "account_id": "a"}]},
     [False, True, True]),
    ({"errlist": [{"code": "con.auth", "msg": "no", "conn_id": "con-1"}]}, [False, False, True]),
    ({"errlist": [{"code": "gen.api", "msg": "no"}]}, [False, False, False]),
    ({"errors": ["Connection to Second Bank may need attention"]}, [True, True, False]),
    ({"errors": ["Something is wrong"]}, [False, False, False]),
    ({"errlist": [{"code": "con.new.kind", "msg": "no", "conn_id": "con-2"}]}, [True, True, False]),
])  # fmt: skip
def test_an_error_marks_only_what_it_is_about(fields, complete):
    """Requirement 10"""
    banks = [{"conn_id": "con-1", "name": "First Bank"}, {"conn_id": "con-2", "name": "Second Bank"}]
    answer = answer_of(account("a"), account("b"), account("a", conn_id="con-2"), connections=banks, **fields)
    assert [answer.is_complete_for(row) for row in answer.accounts] == complete


def test_warnings_about_range_and_quota_are_told_apart():
    """Requirement 4"""
    capped = answer_of(errors=["Requested date range exceeds limit of 90 days and was capped."])
    warned = answer_of(errlist=[{"code": "gen.api", "msg": "Rate limit: at most 24 requests per day"}])
    assert (capped.is_range_cut, capped.is_quota_warned) == (True, False)
    assert (warned.is_range_cut, warned.is_quota_warned) == (False, True)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from("id posted amount transactions org conn_id msg currency pending".split()),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["accounts", "errors", "errlist", "connections"]), json_values))
def test_any_json_is_read_or_refused_and_never_crashes(whole):
    """Requirement 8"""
    with suppress(RequestFailed):
        read_answer(json.dumps(whole).encode())
