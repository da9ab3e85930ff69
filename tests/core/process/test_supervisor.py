"""A watch tells a child that hangs from one that works, waits, or cannot be asked about."""

import sys
import time

import pytest

from billtracker.core.process import supervisor
from billtracker.core.process.supervisor import HangCheck, RestartCheck


class Clock:
    """Running time, moved by hand."""

    def __init__(self, monkeypatch):
        self.now = 1000.0
        monkeypatch.setattr(supervisor.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def silent_after(clock, watch, seconds: float) -> bool:
    """Look every second; say whether the watch was silent at the end."""
    end, found = clock.now + seconds, False
    while clock.now < end:
        clock.now += 1
        found = watch.fault()
    return found


def test_a_sign_that_stays_the_same_for_longer_than_the_limit_is_silence(clock):
    watch = HangCheck(lambda: "12:00", limit=30, every=1)
    assert not silent_after(clock, watch, 30)
    assert silent_after(clock, watch, 2)


def test_a_sign_that_changes_is_life(clock):
    assert not silent_after(clock, HangCheck(lambda: clock.now // 20, limit=30, every=1), 300)


def test_what_cannot_be_known_kills_nobody(clock):
    assert not silent_after(clock, HangCheck(lambda: None, limit=30, every=1), 300)


def test_a_new_child_gets_the_whole_limit(clock):
    watch = HangCheck(lambda: "12:00", limit=30, every=1)
    assert silent_after(clock, watch, 32)
    watch.begin()
    assert not silent_after(clock, watch, 30)


def test_one_looks_only_now_and_then(clock):
    looks = []
    silent_after(clock, HangCheck(lambda: looks.append(1), limit=30, every=15), 60)
    assert len(looks) == 4


def test_a_replaced_child_runs_the_same_command():
    child = supervisor.start([sys.executable, "-c", "import time; time.sleep(60)"])
    other = supervisor.replace(child)
    time.sleep(0.1)
    assert child.returncode == -9
    assert (other.args, other.poll()) == (child.args, None)
    supervisor.stop([other], hurry=lambda: True)


def test_a_ground_that_changes_is_told_once_for_each_child(clock):
    ground = RestartCheck(lambda: clock.now // 100, "stood on old data")
    ground.begin()
    assert not silent_after(clock, ground, 99)
    assert silent_after(clock, ground, 2) == "stood on old data"
    ground.begin()
    assert not silent_after(clock, ground, 90)


def test_a_ground_that_cannot_be_known_is_no_change(clock):
    signs = iter([None, "a", None, "a", "b"])
    ground = RestartCheck(lambda: next(signs), "changed")
    ground.begin()
    assert [silent_after(clock, ground, 1) for _ in range(4)] == ["", "", "", "changed"]
