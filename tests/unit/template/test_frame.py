from __future__ import annotations

import re

import pytest

from eilbote.errors import TemplateError
from eilbote.template.branding import Branding
from eilbote.template.contrast import contrast, lightened
from eilbote.template.frame import framed
from eilbote.template.html_text import html_to_text

ACME = Branding(
    product="Acme & Sons",
    logo="https://acme.example/logo.png",
    website="https://acme.example/",
    website_label="acme.example",
    contact="abuse@acme.example",
    accent_colour="#123456",
)


def text_of(html: str) -> str:
    return " ".join(html_to_text(html).split())


def test_everything_stands_in_its_order() -> None:
    text = text_of(
        framed("<p>The <b>content</b>.</p>", heading="Order 4711", report_id="0a1b-2c3d", branding=ACME)
    )
    places = [
        text.index(part)
        for part in ("Acme & Sons", "Order 4711", "The content.", "acme.example (", "0a1b-2c3d")
    ]
    assert places == sorted(places)
    assert "abuse@acme.example" in text


@pytest.mark.parametrize(
    "language, word",
    [("en", "sent to you"), ("de-AT", "geschickt"), ("ru", "отправлено"), ("fr", "sent to you")],
)
def test_the_footer_speaks_the_language_of_the_reader(language: str, word: str) -> None:
    html = framed("x", heading="y", report_id="z", branding=ACME, language=language)
    assert word in text_of(html)
    assert f'lang="{language}"' in html


def test_what_is_not_there_leaves_no_trace() -> None:
    html = framed("x", heading="y", report_id="the-id")
    assert "<img" not in html
    assert "href" not in html
    assert "quote the ID" not in html
    assert text_of(html).rstrip().endswith("sent to you by eilbote. ID: the-id"), "support can be told it"


def test_a_footer_of_ones_own_is_a_template() -> None:
    html = framed(
        "x",
        heading="y",
        report_id="77",
        branding=Branding(product="P", footer="{{ product }}/{{ report_id }}"),
    )
    assert "P/77" in html
    with pytest.raises(TemplateError) as refused:
        framed("x", heading="y", report_id="77", branding=Branding(footer="{{ product"))
    assert refused.value.field == "branding.footer"


def test_content_and_heading_are_not_read_as_templates() -> None:
    html = framed("<p>{{ product }} {% if x %}</p>", heading="{{ contact }}", report_id="1", branding=ACME)
    assert "{{ product }} {% if x %}" in html
    assert "{{ contact }}" in html


def test_the_frame_is_fit_for_mail_readers() -> None:
    html = framed("<p>x</p>", heading="y", report_id="1", branding=ACME)
    assert re.search(r"liquid\d|\{\{|\{%|CONTENT", html) is None
    assert "prefers-color-scheme: dark" in html
    assert '<meta name="color-scheme" content="light dark"' in html
    assert "#123456" in html
    assert "<link" not in html
    assert "@import" not in html
    assert len(html) < 30_000, "mail readers cut long messages"


def test_links_of_the_content_have_the_accent_and_pictures_fit() -> None:
    html = framed(
        '<p><a href="https://a.example/">x</a> <a href="https://b.example/" style="color:#ffffff">y</a><img src="cid:a"></p>',
        heading="h",
        report_id="1",
        branding=ACME,
    )
    assert re.search(r'<a href="https://a.example/" style="color: #123456', html)
    assert "color:#ffffff" in html.replace(" ", "")
    assert "max-width:100%" in html.replace(" ", "")


def test_what_lies_on_a_ground_of_its_own_stays_dark_on_a_dark_page() -> None:
    html = framed('<p style="background:#ffffaa">marked</p>', heading="h", report_id="1")
    assert re.search(r'<p style="[^"]*color: #1c1e21', html)


def test_on_a_dark_page_links_are_light_enough_to_read() -> None:
    html = framed("<p>x</p>", heading="h", report_id="1", branding=ACME)
    (accent,) = re.findall(r"content a:not[^{]*\{ *color: (#\w{6}) !important", html)
    assert contrast(accent, "#232529") >= 4.5
    assert lightened("#ffffff", on="#232529") == "#ffffff"
    assert lightened("#000", on="#232529") != "#000000"


def test_a_line_that_is_no_html_stays_as_it_is() -> None:
    assert "just words" in framed("just words", heading="h", report_id="1")
