"""Retention removes old scheduled backups, and never what may be the last good one."""

import datetime as dt
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from backups.archive.folders import Backup, StoredProof
from backups.archive.manifests import Manifest
from backups.schedule.retention import is_good, removable

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


def made(day: int, kind: str = "scheduled", proof: bool | None = None, readable: bool = True) -> Backup:
    at = NOON - dt.timedelta(days=day)
    name = f"{at:%Y%m%d-%H%M%S}-{kind}"
    manifest = Manifest(name, kind, at, "sqlite", "3", "", "1", {}, (), None) if readable else None
    stored = StoredProof(at, proof, 1.0) if proof is not None else None
    return Backup(name, Path(name), manifest, stored)


LISTS = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.sampled_from(["manual", "scheduled", "pre-restore", "imported"]),
        st.sampled_from([None, None, True, False]),
        st.booleans(),
    ),
    unique_by=lambda row: row[0],
    max_size=40,
).map(lambda rows: [made(*row) for row in rows])


def test_the_newest_stay_and_older_ones_go():
    backups = [made(day) for day in range(5)]
    assert [one.id for one in removable(backups, 3)] == [made(3).id, made(4).id]


def test_the_last_proven_one_stays_however_old_it_is():
    backups = [made(0), made(1), made(30, proof=True), made(31, proof=True)]
    assert [one.id for one in removable(backups, 1)] == [made(1).id, made(31).id]


def test_bad_ones_take_no_place_of_a_good_one():
    backups = [made(0), made(1, proof=False), made(2, readable=False), made(3), made(4)]
    assert [one.id for one in removable(backups, 2)] == [made(4).id]


def test_what_people_made_is_never_removed():
    kinds = ["manual", "pre-restore", "imported"]
    assert removable([made(0), *(made(day, kind) for day, kind in enumerate(kinds, 1))], 1) == []


@given(LISTS, st.integers(1, 365))
def test_rules_that_hold_for_every_list(backups, keep):
    gone = removable(backups, keep)
    left = [one for one in backups if one not in gone]
    scheduled = [one for one in backups if one.kind == "scheduled"]
    good = [one for one in scheduled if is_good(one)]
    assert all(one.kind == "scheduled" for one in gone)
    newest_first = sorted(good, key=lambda one: one.created_at, reverse=True)
    assert all(one in left for one in newest_first[:keep])
    proven = [one for one in newest_first if one.is_proven]
    assert all(one in left for one in proven[:1])
    # What is left is what stays: a second run removes nothing.
    assert removable(left, keep) == []
    assert len([one for one in left if is_good(one) and one.kind == "scheduled"]) <= keep + 1
