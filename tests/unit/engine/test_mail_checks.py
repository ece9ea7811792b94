"""What would be held against a message is told before it is sent to somebody, and nothing is contacted for it."""

from __future__ import annotations

import pytest

from eilbote.engine.mail_checks import CheckLevel, CheckTopic, check_mail
from eilbote.engine.message_parts import MessageView, PartView

GOOD = "<p>" + "Your order is on its way to you. " * 5 + "</p>"


def view(
    html: str | None = GOOD,
    *,
    text: str | None = "Your order",
    subject: str = "Order 4711",
    parts: tuple[PartView, ...] = (),
) -> MessageView:
    headers = (("From", "orders@example.org"), ("Subject", subject))
    return MessageView(headers=headers, text=text, html=html, parts=parts)


def part(filename: str = "", content_id: str = "", octets: bytes = b"x") -> PartView:
    return PartView(
        number=0,
        filename=filename,
        media_type="image/png",
        content_id=content_id,
        is_inline=False,
        octets=octets,
    )


def found(seen: MessageView, size: int = 1000) -> list[tuple[str, str]]:
    return [(each.topic.value, each.level.value) for each in check_mail(seen, size=size)]


def test_nothing_is_held_against_a_good_message() -> None:
    seen = view(
        GOOD
        + '<a href="https://shop.example.org/4711">shop.example.org</a> <a href="mailto:a@example.org">write</a>'
        + '<img src="cid:logo" alt="Example">',
        parts=(part("logo.png", "logo"),),
    )
    assert check_mail(seen, size=1000) == ()


@pytest.mark.parametrize(
    "seen, topic, level",
    [
        (view(text=None), CheckTopic.TEXTS, CheckLevel.WARNING),
        (view(None, text="  "), CheckTopic.TEXTS, CheckLevel.ERROR),
        (view(subject="Order {{ order.id }}"), CheckTopic.TEXTS, CheckLevel.ERROR),
        (view(subject=""), CheckTopic.HEADERS, CheckLevel.WARNING),
        (view(subject="x" * 79), CheckTopic.HEADERS, CheckLevel.WARNING),
        (view(subject="FREE MONEY NOW"), CheckTopic.SPAM, CheckLevel.WARNING),
        (view(GOOD + '<a href="/orders">here</a>'), CheckTopic.LINKS, CheckLevel.ERROR),
        (view(GOOD + '<a href="http://localhost:8080/x">here</a>'), CheckTopic.LINKS, CheckLevel.ERROR),
        (view(GOOD + '<a href="https://10.0.0.7/x">here</a>'), CheckTopic.LINKS, CheckLevel.ERROR),
        (view(GOOD + '<a href="http://example.org/">here</a>'), CheckTopic.LINKS, CheckLevel.WARNING),
        (view(GOOD + '<a href="https://[bad/">here</a>'), CheckTopic.LINKS, CheckLevel.ERROR),
        (view(GOOD + '<a href="https://8.8.8.8/">here</a>'), CheckTopic.SPAM, CheckLevel.WARNING),
        (view(GOOD + '<a href="https://evil.example">bank.example</a>'), CheckTopic.SPAM, CheckLevel.ERROR),
        (view('<img src="https://example.org/x.png" alt="">'), CheckTopic.SPAM, CheckLevel.WARNING),
        (view(GOOD + '<img src="cid:nowhere" alt="">'), CheckTopic.PICTURES, CheckLevel.ERROR),
        (view(GOOD + '<img src="https://example.org/x.png">'), CheckTopic.PICTURES, CheckLevel.WARNING),
        (view(parts=(part("invoice.pdf.exe"),)), CheckTopic.FILES, CheckLevel.ERROR),
        (view(parts=(part("invoice.pdf", octets=b""),)), CheckTopic.FILES, CheckLevel.WARNING),
        (view(GOOD + "x" * 110_000), CheckTopic.SIZE, CheckLevel.WARNING),
    ],
)
def test_each_fault_is_found(seen: MessageView, topic: CheckTopic, level: CheckLevel) -> None:
    assert found(seen) == [(topic.value, level.value)]


def test_a_link_to_a_part_of_the_same_site_is_no_fraud() -> None:
    seen = view(GOOD + '<a href="https://shop.example.org/x">www.example.org</a>')
    assert found(seen) == []


@pytest.mark.parametrize(
    "size, levels", [(9_000_000, []), (12_000_000, ["warning"]), (30_000_000, ["error"])]
)
def test_large_messages_are_told(size: int, levels: list[str]) -> None:
    assert [level for _, level in found(view(), size)] == levels


def test_what_is_worse_comes_first_and_not_without_end() -> None:
    links = "".join(f'<a href="http://example.org/{number}">x</a>' for number in range(1000))
    seen = check_mail(view(links + GOOD, subject="{{ x }}"), size=1000)
    assert (len(seen), seen[0].level) == (100, CheckLevel.ERROR)


HOSTILE = (
    *(f"<a {'a' * 3990}>", f"<a {'a = ' * 999}>", f"<a {' ' * 3990}>"),
    *(
        "<",
        "<a ",
        '<a href="',
        "<!--",
        "<![CDATA[",
        "<!",
        "</",
        "</a",
        "<?",
        "&",
        "&a",
        '<a "',
        "<a =",
        "<script>",
    ),
    *("<a href=http://x.y>a.b", "<a href=x>", "<img src=cid:>", "a.", "{{", "{%", '<a a="', "<img a=' b=\""),
)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", HOSTILE)
def test_html_that_means_harm_takes_time_by_its_length_alone(unit: str) -> None:
    """A reader of the whole would go over a megabyte of it for hours, and stop everybody else meanwhile."""
    check_mail(view(unit * (1_000_000 // len(unit))), size=1)
    within = unit.replace("<", "") or "x"
    check_mail(view(f"<a {within * (900_000 // len(within))}>"), size=1)
