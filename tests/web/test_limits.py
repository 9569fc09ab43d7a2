import pytest

from posekit.web.limits import BusyError, Limit, visitor_name


def test_one_visitor_gets_only_some_of_the_places():
    limit = Limit(4, 2, "full")
    for _ in range(2):
        limit.acquire("a")
    with pytest.raises(BusyError, match="full"):
        limit.acquire("a")
    limit.acquire("b")
    limit.release("a")
    limit.acquire("a")


def test_there_are_not_more_places_than_the_total():
    limit = Limit(3, 2, "full")
    for visitor in "aab":
        limit.acquire(visitor)
    with pytest.raises(BusyError):
        limit.acquire("c")
    assert len(limit) == 3
    limit.release("a")
    limit.acquire("c")


def test_a_failure_gives_its_place_back():
    limit = Limit(1, 1, "full")
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), limit.place("a"):
            1 / 0  # noqa: B018
    assert len(limit) == 0
    assert not limit._taken  # no growth with every address


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_an_ipv6_visitor_is_a_network(address, name):
    assert visitor_name(address) == name
