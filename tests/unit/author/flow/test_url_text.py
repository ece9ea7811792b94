"""URLs with values in them."""

from __future__ import annotations

import pytest

from eilbote.author.flow.step import Scene
from eilbote.author.flow.url_text import UrlText
from eilbote.errors import EilboteError, FlowError
from eilbote.model.data import Data
from eilbote.model.moment import Moment


def made(text: str, **values: Data) -> str:
    scene = Scene(run="r", node="n", turn=0, values={"input": values}, now=Moment(1_800_000_000_000))
    return UrlText(text, field="url").text(scene)


@pytest.mark.parametrize(
    "text, url",
    [
        (" https://a.example/x?y=z ", "https://a.example/x?y=z"),
        ("https://a.example/{{ input.n }}", "https://a.example/7"),
        ("https://a.example/{{ input.s }}/{{ input.n }}?q={{ input.s }}#{{ input.s }}", "https://a.example/a%2Fb%20%3F%26%40/7?q=a%2Fb%20%3F%26%40#a%2Fb%20%3F%26%40"),
        ("https://a.example?q={{ input.s }}", "https://a.example?q=a%2Fb%20%3F%26%40"),
        ("https://a.example/?q={{ input.s | url_encode }}", "https://a.example/?q=a%2Fb+%3F%26%40"),
        ("https://a.example/?q={{ input.no }}", "https://a.example/?q="),
        ("https://a.example/v{{ input.no }}", "https://a.example/v"),
        ("{{ input.base }}", "https://b.example/x?y=/"),
        ("{{ input.base }}{{ input.s }}", "https://b.example/x?y=/a%2Fb%20%3F%26%40"),
        ("https://a.example/{{ input.dots }}.pdf", "https://a.example/...pdf"),
        ("HTTPS://a.example/{{ input.u }}", "HTTPS://a.example/%C3%A4%E2%82%AC"),
        ("data:text/plain,{{ input.s }}", "data:text/plain,a%2Fb%20%3F%26%40"),
    ],
)  # fmt: skip
def test_values_are_encoded_where_they_stand(text: str, url: str) -> None:
    assert made(text, n=7, s="a/b ?&@", base="https://b.example/x?y=/", dots="..", u="ä€") == url


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/{{ input.x }}/b",
        "https://a.example/{{ input.x }}",
        "https://a.example/{{ input.x }}?q",
    ],
)
@pytest.mark.parametrize("value", [".", "..", ""])
def test_a_value_does_not_climb_out_of_its_folder(text: str, value: str) -> None:
    with pytest.raises(FlowError, match="leads to another folder") as caught:
        made(text, x=value)

    assert caught.value.field == "url"


@pytest.mark.parametrize(
    "text", ["https://a.example/.{{ input.x }}", "https://a.example/{{ input.x }}{{ input.x }}"]
)
def test_two_halves_do_not_climb_either(text: str) -> None:
    with pytest.raises(FlowError):
        made(text, x=".")


@pytest.mark.parametrize(
    "text",
    [
        "https://{{ input.x }}",
        "https://{{ input.x }}.example/",
        "https://a.example{{ input.x }}",
        "https://a.example:{{ input.x }}/",
        "https://a@{{ input.x }}/",
        "a.example/{{ input.x }}",
        "ftp://a.example/{{ input.x }}",
        "https:/{{ input.x }}",
    ],
)
def test_no_value_stands_in_the_host(text: str) -> None:
    with pytest.raises(EilboteError) as caught:
        UrlText(text, field="attachments[0].url")

    assert caught.value.field == "attachments[0].url"


def test_a_fault_is_shown_where_it_stands() -> None:
    with pytest.raises(EilboteError) as caught:
        UrlText("  https://a.example/{{ input.x }}/{{ input.y $ }}", field="url")

    assert caught.value.position == len("  https://a.example/{{ input.x }}/{{ input.y ")


@pytest.mark.parametrize(
    "text, names",
    [
        ("https://a.example", True),
        ("https://a.example/{{ input.x }}", True),
        ("{{ input.x }}", False),
        ("{{ input.x }}/https://a.example/", False),
        ("", False),
    ],
)
def test_it_is_known_whether_the_host_stands_in_the_text(text: str, names: bool) -> None:
    assert UrlText(text, field="url").names_host is names
