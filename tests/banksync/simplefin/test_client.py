"""Claiming a token once, and asking for accounts with the parameters of the protocol."""

import datetime as dt

import pytest

from banksync.simplefin.client import Window, claim_access, fetch_answer
from banksync.simplefin.failures import BankFailure, RequestFailed
from banksync.simplefin.tokens import read_access_url, read_token
from tests import simplefin_server as server


def refusal_of(bank, claim: str = "fresh") -> RequestFailed:
    with pytest.raises(RequestFailed) as refusal:
        claim_access(read_token(bank.setup_token(claim)))
    return refusal.value


def test_a_token_is_exchanged_with_an_empty_post(bank):
    """Requirement 1"""
    access = claim_access(read_token(bank.setup_token()))
    assert (access.base, access.user, access.password) == (bank.base, server.USER, server.PASSWORD)
    assert bank.headers[0]["Content-Length"] == "0"
    assert "Authorization" not in bank.headers[0]


def test_a_used_token_says_that_it_may_be_compromised(bank):
    """Requirement 1"""
    claim_access(read_token(bank.setup_token()))
    refusal = refusal_of(bank)
    assert refusal.failure is BankFailure.ACCESS_REVOKED
    assert "disable it at your provider" in refusal.sentence


FAULTS = [
    server.status(403), server.status(404), server.status(500), server.status(302, Location="/x"),
    server.hang_up, server.body(b"welcome"), server.body(b"https://host/without"), server.body(b"\xff"),
    server.body(b"https://user:password@host/" + b"x" * 5_000),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_claim_that_fails_is_never_sent_twice(bank, fault):
    """Requirement 1"""
    bank.faults = [fault]
    assert refusal_of(bank).sentence
    assert bank.claim_count == 1


def test_each_way_to_fail_has_its_own_message(bank):
    """Requirement 1"""
    bank.faults = list(FAULTS[:6])
    sentences = {refusal_of(bank).sentence for _ in FAULTS[:6]}
    bank.port = 9
    sentences.add(refusal_of(bank).sentence)
    assert len(sentences) == 7
    assert not any("127.0.0.1" in sentence or "fresh" in sentence for sentence in sentences)


@pytest.mark.parametrize(("window", "with_pending", "asked"), [
    (Window(dt.date(2026, 11, 1)), False, {"version": ["2"], "start-date": ["1793491200"]}),
    (Window(dt.date(2026, 11, 1), dt.date(2026, 11, 2)), True,
     {"version": ["2"], "start-date": ["1793491200"], "end-date": ["1793577600"], "pending": ["1"]}),
])  # fmt: skip
def test_accounts_are_asked_for_by_days_and_pending_only_when_wanted(bank, window, with_pending, asked):
    """Requirement 4"""
    bank.accounts = [server.account("checking", server.transaction("t1", "2026-11-01"))]
    access = read_access_url(bank.access_url)
    answer = fetch_answer(access, window, with_pending=with_pending, before_each=lambda: None)
    assert bank.asked == [asked]
    assert [row.id for row in answer.accounts[0].transactions] == ["t1"]


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"accounts": [', b'{"accounts": {}}', b"[" * 100_000])
def test_what_is_no_answer_is_refused_and_not_asked_for_again(bank, content):
    """Requirement 8"""
    bank.faults = [server.body(content)]
    with pytest.raises(RequestFailed) as refusal:
        fetch_answer(
            read_access_url(bank.access_url),
            Window(dt.date(2026, 11, 1)),
            with_pending=False,
            before_each=lambda: None,
        )
    assert refusal.value.failure is BankFailure.UNREADABLE
    assert len(bank.asked) == 1
