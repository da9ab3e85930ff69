"""Requests against a real server on loopback: kind, unkind, slow and hostile."""

import base64
import logging

import pytest

from banksync.simplefin import transport
from banksync.simplefin.failures import BankFailure, RequestFailed
from banksync.simplefin.tokens import read_access_url
from banksync.simplefin.transport import get_accounts
from tests import simplefin_server as server

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(transport.time, "sleep", lambda seconds: None)


def ask(bank, *, patience: float = 20, tries: list | None = None) -> bytes:
    tries = [] if tries is None else tries
    return get_accounts(
        read_access_url(bank.access_url),
        [("version", "2")],
        before_each=lambda: tries.append(1),
        patience=patience,
    )


def failure_of(bank, **options) -> BankFailure:
    with pytest.raises(RequestFailed) as refusal:
        ask(bank, **options)
    assert refusal.value.__cause__ is None
    return refusal.value.failure


def test_the_credentials_are_in_the_header_and_nowhere_else(bank, caplog):
    """Requirement 2"""
    with caplog.at_level(logging.DEBUG):
        ask(bank)
    known = base64.b64encode(f"{server.USER}:{server.PASSWORD}".encode()).decode()
    assert bank.headers[0]["Authorization"] == f"Basic {known}"
    assert bank.asked == [{"version": ["2"]}]
    assert server.PASSWORD not in caplog.text
    assert known not in caplog.text


def test_netrc_and_proxies_of_the_environment_are_not_asked(bank, monkeypatch, tmp_path):
    """Requirement 2"""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert b"accounts" in ask(bank)


def test_a_redirect_is_not_followed(bank):
    """Requirement 2"""
    bank.faults = [server.status(302, Location=f"{bank.base}/elsewhere")]
    assert failure_of(bank) is BankFailure.REDIRECT
    assert len(bank.asked) == 1


def test_the_address_of_the_connection_itself_is_checked(bank, settings):
    """Requirement 2"""
    settings.SIMPLEFIN_ALLOW_HTTP_LOOPBACK = True
    access = read_access_url(bank.access_url)
    settings.SIMPLEFIN_ALLOW_HTTP_LOOPBACK = False
    with pytest.raises(RequestFailed) as refusal:
        get_accounts(access, (), before_each=lambda: None)
    assert refusal.value.failure is BankFailure.FORBIDDEN_ADDRESS
    assert bank.asked == []


def test_https_without_a_trusted_certificate_is_refused(bank):
    """Requirement 2"""
    # A server that speaks no TLS has no certificate at all.
    access = read_access_url(bank.access_url.replace("http://", "https://"))
    with pytest.raises(RequestFailed) as refusal:
        get_accounts(access, (), before_each=lambda: None)
    assert refusal.value.failure is BankFailure.CERTIFICATE


@pytest.mark.parametrize("fault", [server.status(502), server.status(503), server.status(504), server.hang_up,
                                   server.cut_off])  # fmt: skip
def test_what_may_pass_is_tried_twice_more(bank, fault):
    """Requirement 7"""
    bank.faults, tries = [fault] * 2, []
    assert b"accounts" in ask(bank, tries=tries)
    assert len(tries) == len(bank.asked) == 3


def test_after_two_more_tries_it_is_over(bank):
    """Requirement 7"""
    bank.faults = [server.status(503)] * 5
    assert failure_of(bank) is BankFailure.STATUS
    assert len(bank.asked) == 3


@pytest.mark.parametrize(("code", "failure"), [
    (400, BankFailure.STATUS), (402, BankFailure.PAYMENT_REQUIRED), (403, BankFailure.ACCESS_REVOKED),
    (404, BankFailure.STATUS), (429, BankFailure.STATUS), (500, BankFailure.STATUS),
])  # fmt: skip
def test_other_statuses_are_not_tried_again(bank, code, failure):
    """Requirement 7"""
    bank.faults = [server.status(code)]
    assert failure_of(bank) is failure
    assert len(bank.asked) == 1


@pytest.mark.parametrize("fault", [
    server.body(b" " * (32 * MIB + 1)), server.bomb(400 * MIB),
], ids=["long", "bomb"])  # fmt: skip
def test_a_body_beyond_32_mib_is_refused_while_it_is_read(bank, fault):
    """Requirement 7"""
    bank.faults = [fault]
    assert failure_of(bank) is BankFailure.TOO_LARGE
    assert len(bank.asked) == 1


def test_a_body_of_32_mib_is_read(bank):
    """Requirement 7"""
    bank.faults = [server.body(b" " * 32 * MIB)]
    assert len(ask(bank)) == 32 * MIB


@pytest.mark.parametrize("fault", [server.drip, server.drip_body, server.say_nothing])
def test_an_answer_that_drips_ends_with_the_patience_for_all_tries(bank, fault):
    """Requirement 7"""
    bank.faults = [fault]
    assert failure_of(bank, patience=0.4) is BankFailure.TIMED_OUT
    assert len(bank.asked) == 1


def test_a_silent_server_is_left_after_the_time_for_reading(bank, monkeypatch):
    """Requirement 7"""
    monkeypatch.setattr(transport, "READ_PATIENCE", 0.2)
    bank.faults = [server.say_nothing] * 3
    assert failure_of(bank) is BankFailure.TIMED_OUT
    assert len(bank.asked) == 3


def test_a_server_that_is_not_there_is_named_so(bank):
    """Requirement 7"""
    bank.port = 9
    assert failure_of(bank) is BankFailure.UNREACHABLE
