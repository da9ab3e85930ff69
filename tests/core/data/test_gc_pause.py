"""The collector comes back whatever happens, and stays off where it was off."""

import gc

import pytest

from billtracker.core.data.gc_pause import collector_paused


def test_the_collector_pauses_and_goes_on():
    with collector_paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_does_not_leave_it_off():
    with pytest.raises(ZeroDivisionError), collector_paused():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_an_inner_pause_does_not_end_the_outer_one():
    with collector_paused():
        with collector_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
