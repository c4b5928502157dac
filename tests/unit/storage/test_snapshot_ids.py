"""The names of snapshots: one form, which sorts by age and is safe in a path."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.errors import Invalid
from townos.storage.snapshots import SnapshotId, SnapshotReason

MOMENT = datetime(2026, 11, 24, 18, 45, 0, 123456, tzinfo=UTC)
TEXT = "20261124T184500.123456Z-upgrade"


def test_a_name_tells_moment_and_reason() -> None:
    made = SnapshotId.make(MOMENT, SnapshotReason.UPGRADE)
    assert str(made) == TEXT
    assert SnapshotId.parse(TEXT) == made
    assert (made.created_at, made.reason) == (MOMENT, SnapshotReason.UPGRADE)


def test_the_moment_is_told_in_utc() -> None:
    here = MOMENT.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert str(SnapshotId.make(here, SnapshotReason.USER)) == "20261124T184500.123456Z-user"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "20261124T184500.123456Z",
        "20261124T184500.123456Z-",
        "20261124T184500.123456Z-else",
        "20261124T184500.123456Z-upgrade/..",
        "20261124T184500.123456Z-upgrade\n",
        "../20261124T184500.123456Z-upgrade",
        "20261324T184500.123456Z-user",
        "20260229T184500.123456Z-user",
        "20261124T184500Z-user",
        "20261124T240000.000000Z-user",
        "20261124T184500.123456+01:00-user",
        "٢٠٢٦1124T184500.123456Z-user",
        "00001124T184500.123456Z-user",
    ],
)
def test_any_other_text_is_no_snapshot(text: str) -> None:
    with pytest.raises(Invalid):
        SnapshotId.parse(text)


@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31), timezones=st.timezones()),  # noqa: DTZ001
    st.sampled_from(SnapshotReason),
)
def test_every_name_is_read_back(moment: datetime, reason: SnapshotReason) -> None:
    made = SnapshotId.make(moment, reason)
    assert SnapshotId.parse(str(made)) == made
    assert re.fullmatch("[A-Za-z0-9.-]+", str(made))


@given(st.lists(st.tuples(st.datetimes(min_value=datetime(2, 1, 1)), st.sampled_from(SnapshotReason))))  # noqa: DTZ001
def test_names_sort_by_age(made: list[tuple[datetime, SnapshotReason]]) -> None:
    names = [SnapshotId.make(moment.replace(tzinfo=UTC), reason) for moment, reason in made]
    assert [str(name) for name in sorted(names)] == sorted(map(str, names))


@given(st.text(st.sampled_from("0129TZ.-user/\n"), max_size=32) | st.from_regex(r"[0-9T.Z]{20,24}-(user|upload)"))
def test_an_accepted_id_is_in_canonical_form(text: str) -> None:
    try:
        found = SnapshotId.parse(text)
    except Invalid:
        return
    assert str(found) == text
