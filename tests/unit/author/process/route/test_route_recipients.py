"""Lists of addresses with places in them, and the names beside them."""

from __future__ import annotations

import pytest

from eilbote.author.process.route.attribute_values import Accounts
from eilbote.author.process.route.recipients import entries, one_address, recipients
from eilbote.author.process.route.scene import Scene
from eilbote.errors import AddressError, DraftError, PlaceholderError
from eilbote.model.address import parse_mailbox

ANNA = parse_mailbox("Anna <anna@example.org>", field="to")
MAX = parse_mailbox("max@example.org", field="to")


def scene(**texts: str | None) -> Scene:
    values = {name.lower(): value for name, value in texts.items()}
    people = {"customer": Accounts((ANNA,)), "team": Accounts((ANNA, MAX)), "nobody": None, "flag": True}
    return Scene(values={**people, **values}, locale="en", time_zone="UTC")


def people(addresses: str, names: str = "", **texts: str | None) -> list[str]:
    return [str(each) for each in recipients(addresses, names, scene(**texts), field="to")]


@pytest.mark.parametrize(
    "text, parts",
    [
        ("a@b; c@d, e@f", [("a@b", 0), ("c@d", 5), ("e@f", 10)]),
        (" ;,a@b;; ", [("a@b", 3)]),
        ('"Müller, Anna; x" <a@b>; c@d', [('"Müller, Anna; x" <a@b>', 0), ("c@d", 25)]),
        ('"a \\" , b" <a@b>,c@d', [('"a \\" , b" <a@b>', 0), ("c@d", 17)]),
        ("A (x, y) <a@b>", [("A (x, y) <a@b>", 0)]),
        ('a " b, c', [('a " b, c', 0)]),
        ("a < b, c (d, e", [("a < b", 0), ("c (d, e", 7)]),
    ],
)
def test_a_list_is_taken_apart_where_nothing_is_quoted(text: str, parts: list[tuple[str, int]]) -> None:
    assert [(each.text, each.position) for each in entries(text)] == parts


@pytest.mark.parametrize(
    "text, names",
    [
        ("A; B", ["A", "B"]),
        ("Müller, Anna; B", ["Müller, Anna", "B"]),
        (";;B", ["", "", "B"]),
        ('"A; B"; C', ['"A; B"', "C"]),
        ('A; 5" B; C', ["A", '5" B; C']),
        (" ; ", []),
    ],
)
def test_names_are_separated_by_semicolons_alone_and_may_be_empty(text: str, names: list[str]) -> None:
    assert [each.text for each in entries(text, of_names=True)] == names


@pytest.mark.parametrize(
    "addresses, found",
    [
        ("a@example.org, B <b@example.org>", ["a@example.org", "B <b@example.org>"]),
        ("Team: a@example.org, b@example.org;", ["Team: a@example.org, b@example.org;"]),
        ("{Customer}", ["Anna <anna@example.org>"]),
        ("{customer}; boss@example.org", ["Anna <anna@example.org>", "boss@example.org"]),
        ("{Team}", ["Anna <anna@example.org>", "max@example.org"]),
        ("{List}", ["x@example.org", "Y <y@example.org>"]),
        ("{Nobody}; a@example.org", ["a@example.org"]),
        ("{Nobody}", []),
        ("{User}@example.org", ["anna.k@example.org"]),
        ("{User}@{Host}", ["anna.k@example.net"]),
        ("Dear {Said} <{Customer}>", ['"Dear Müller, Anna" <anna@example.org>']),
        ('"{Said} (shop)" <shop@example.org>', ['"Müller, Anna (shop)" <shop@example.org>']),
        ("Anna <{One}>", ["Anna <one@example.org>"]),
    ],
)
def test_constants_and_attributes_stand_side_by_side(addresses: str, found: list[str]) -> None:
    given = {
        "List": "x@example.org; Y <y@example.org>",
        "User": "anna.k",
        "Host": "example.net",
        "Said": "Müller, Anna",
        "One": "one@example.org",
    }
    assert people(addresses, **given) == found


@pytest.mark.parametrize(
    "addresses, names, found",
    [
        ("a@example.org; b@example.org", "A; B", ["A <a@example.org>", "B <b@example.org>"]),
        ("a@example.org; b@example.org", ";B", ["a@example.org", "B <b@example.org>"]),
        ("X <a@example.org>", "Y", ["Y <a@example.org>"]),
        ("X <a@example.org>", "", ["X <a@example.org>"]),
        ("a@example.org", "Miller; Sons", ['"Miller; Sons" <a@example.org>']),
        ("a@example.org; b@example.org", '"Miller; Sons"; B', ['"Miller; Sons" <a@example.org>', "B <b@example.org>"]),
        ("{Nobody}; b@example.org", "A; B", ["B <b@example.org>"]),
        ("{List}", "{Names}", ["Anna <x@example.org>", "Max <y@example.org>"]),
        ("a@example.org", "{Customer}", ["Anna <a@example.org>"]),
        ("a@example.org", "Dear {Customer}", ["Dear Anna <a@example.org>"]),
        ("{Customer}", "{Nobody}", ["Anna <anna@example.org>"]),
    ],
)  # fmt: skip
def test_names_stand_in_the_order_of_the_addresses(addresses: str, names: str, found: list[str]) -> None:
    assert people(addresses, names, List="x@example.org; y@example.org", Names="Anna; Max") == found


@pytest.mark.parametrize("mark", ['"\\', '"', "<", "(", "(\\", ",", ";", "\\", 'a"'])
@pytest.mark.timeout(20)
def test_a_long_list_costs_no_more_than_its_length(mark: str) -> None:
    """Whoever fills in a name must not keep a worker busy for minutes; this took three of them once."""
    for of_names in (True, False):
        entries(mark * 50_000 + "\\", of_names=of_names)


def test_more_names_than_addresses_are_a_fault() -> None:
    with pytest.raises(PlaceholderError, match="3 names for 2 addresses") as caught:
        people("a@example.org; b@example.org", "A;B;C")
    assert caught.value.field == "to_names"


@pytest.mark.parametrize(
    "addresses, value",
    [
        ("{X}", "no address"),
        ("{X}@example.org", "eva@example.net, anna"),
        ("{X}@example.org", "eva@example.net(x)"),
        ("{X}@example.org", "Eva <eva@example.net> "),
        ("{X}@example.org", "an na"),
        ("{X}@example.org", ""),
        ("Anna <{X}>", "a@example.org, eva@example.net"),
        ("Anna <{X}>", ""),
        ("Anna <{X}@example.org>", "a>, <eva@example.net"),
        ("Anna <a{X}>", "@example.net"),
        ("{X}", "anna@example.org\r\nBcc: eva@example.net"),
        ("{X} <anna@example.org>", "A\x00"),
    ],
)  # fmt: skip
def test_a_value_makes_no_other_recipients(addresses: str, value: str) -> None:
    with pytest.raises(DraftError):
        people(addresses, X=value)


def test_a_name_with_everything_in_it_stays_a_name() -> None:
    name = 'eva@example.net>, "x" <y@example.net>;\r\nBcc: z@example.net'
    (found,) = recipients("{X} <anna@example.org>", "", scene(X=name), field="to")
    assert "anna@example.org" in str(found)
    assert getattr(found, "addr_spec", "") == "anna@example.org"


def test_an_attribute_that_is_no_address_is_told() -> None:
    with pytest.raises(PlaceholderError, match="'Flag' is no address"):
        people("{Flag}")


def test_the_place_of_a_wrong_constant_is_told() -> None:
    with pytest.raises(AddressError) as caught:
        people("{Customer}; anna@")
    assert caught.value.field == "to"
    assert caught.value.position == len("{Customer}; anna@")


def test_a_sender_is_one_address() -> None:
    assert str(one_address("{Customer}", "", scene(), field="from_address")) == "Anna <anna@example.org>"
    assert one_address("{Nobody}", "", scene(), field="from_address") is None
    with pytest.raises(AddressError, match="more than one"):
        one_address("{Team}", "", scene(), field="from_address")
