"""No machine takes every place, and a place that was left is free again."""

from contextlib import ExitStack

import pytest

from townos.api.http.connections import ConnectionPlaces


def test_a_source_takes_only_its_share_of_connections() -> None:
    places = ConnectionPlaces(in_all=4, per_source=2)
    with ExitStack() as stack:
        assert [stack.enter_context(places.taken("192.0.2.1")) for _ in range(3)] == [True, True, False]
        assert stack.enter_context(places.taken("192.0.2.2"))


def test_the_addresses_of_one_machine_share_its_places() -> None:
    places = ConnectionPlaces(in_all=4, per_source=1)
    with places.taken("2001:db8::1") as first, places.taken("2001:db8::2") as second:
        assert (first, second) == (True, False)


def test_a_proxy_on_this_machine_may_take_all_places_and_no_more() -> None:
    places = ConnectionPlaces(in_all=3, per_source=1)
    with ExitStack() as stack:
        assert [stack.enter_context(places.taken("127.0.0.1")) for _ in range(4)] == [True, True, True, False]
        assert not stack.enter_context(places.taken("192.0.2.1"))


def test_a_place_is_free_again_after_any_end_of_a_connection() -> None:
    places = ConnectionPlaces(in_all=1, per_source=1)
    with pytest.raises(KeyError), places.taken("192.0.2.1"):
        raise KeyError
    with places.taken("192.0.2.1") as taken:
        assert taken
