"""The page on which people answer, over real HTTP: what it says, in which words, and how it can be used."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from lxml import html as lxml_html
from tests.integration.answer_server import AnswerServer, answer_server
from tests.unit.engine.asking_scene import ANNA, DAY, MAX

from eilbote.author.flow.run import RunStatus
from eilbote.template.branding import Branding
from eilbote.template.contrast import contrast

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncGenerator[AnswerServer]:
    async with answer_server() as made:
        yield made


@pytest.fixture
def server(running: AnswerServer) -> AnswerServer:
    running.begin_anew()
    return running


def title(text: str) -> str:
    return str(lxml_html.fromstring(text).findtext(".//h1"))


async def test_the_page_asks_and_its_form_answers(server: AnswerServer) -> None:
    await server.scene.ask()
    shown = await server.browser.get(server.url(ANNA))
    assert shown.status_code == 200
    page = lxml_html.fromstring(shown.text)
    form = page.forms[0]
    assert (form.method.upper(), form.action) == ("POST", None)
    buttons = {each.get("value"): each.text for each in form.findall(".//button")}
    assert buttons == {"approve": "Approve", "decline": "Decline"}
    answered = await server.browser.post(server.url(ANNA), data={"answer": "approve", "text": "Go"})
    assert (answered.status_code, answered.headers["location"]) == (303, f"./{ANNA}")
    after = await server.browser.get(answered.url.join(answered.headers["location"]))
    assert after.status_code == 200
    assert title(after.text) == "Thank you"
    assert "“Approve”" in after.text
    assert "<form" not in after.text


async def test_a_second_press_of_the_same_button_is_thanked_and_of_another_refused(
    server: AnswerServer,
) -> None:
    await server.scene.ask()
    for _ in range(2):
        assert (await server.browser.post(server.url(ANNA), data={"answer": "approve"})).status_code == 303
    other = await server.browser.post(server.url(ANNA), data={"answer": "decline"})
    assert other.status_code == 409
    assert "What counts is your answer “Approve”" in other.text


async def test_the_other_person_learns_that_it_was_decided_and_not_by_whom_or_how(
    server: AnswerServer,
) -> None:
    await server.scene.ask()
    await server.browser.post(server.url(ANNA), data={"answer": "approve", "text": "because I say so"})
    for said in (
        await server.browser.get(server.url(MAX)),
        await server.browser.post(server.url(MAX), data={"answer": "decline"}),
    ):
        assert title(said.text) == "This has been decided"
        for secret in ("anna", "Approve", "because", "4711"):
            assert secret not in said.text


async def test_an_expired_and_a_withdrawn_question_say_so(server: AnswerServer) -> None:
    await server.scene.ask()
    server.scene.change(status=RunStatus.FAILED)
    assert (await server.browser.get(server.url(ANNA))).status_code == 410
    said = await server.browser.post(server.url(ANNA), data={"answer": "approve"})
    assert (said.status_code, title(said.text)) == (410, "No longer needed")
    server.scene.clock.advance(7 * DAY)
    said = await server.browser.post(server.url(ANNA), data={"answer": "approve"})
    assert (said.status_code, title(said.text)) == (410, "The time is up")


@pytest.mark.parametrize("data", [{}, {"answer": "bribe"}, {"answer": ""}])
async def test_an_answer_that_is_none_shows_the_form_again_with_what_was_written(
    server: AnswerServer, data: dict[str, str]
) -> None:
    await server.scene.ask()
    said = await server.browser.post(server.url(ANNA), data={**data, "text": " <b>mine</b>"})
    assert said.status_code == 422
    page = lxml_html.fromstring(said.text)
    assert page.find(".//textarea").text_content().lstrip("\n") == " <b>mine</b>"
    alert = page.find(".//p[@role='alert']")
    assert alert is not None
    assert alert.text == "Please choose one of the answers."


async def test_ten_thousand_characters_of_any_script_can_be_written(server: AnswerServer) -> None:
    await server.scene.ask()
    said = await server.browser.post(server.url(ANNA), data={"answer": "approve", "text": "💌" * 10_000})
    assert said.status_code == 303
    kept = await server.scene.questions.question("r1/approval/0")
    assert kept is not None
    assert kept.decision is not None
    assert kept.decision.text == "💌" * 10_000


async def test_too_many_words_are_told_before_they_are_lost(server: AnswerServer) -> None:
    await server.scene.ask()
    said = await server.browser.post(server.url(ANNA), data={"answer": "approve", "text": "x" * 10_001})
    assert said.status_code == 422
    assert "at most 10,000 characters" in said.text


# -- languages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "language, lang, words",
    [
        ("en", "en", "You can answer until January 22, 2026, 10:30:00"),
        ("de", "de", "Sie können bis 22. Januar 2026, 10:30:00 MEZ antworten"),
        ("de-AT", "de", "Sie können bis 22. Jänner 2026, 10:30:00 MEZ antworten"),
        ("ru", "ru", "Ответить можно до 22 января 2026"),
        ("fr", "en", "You can answer until January 22, 2026"),
    ],
)
async def test_the_page_speaks_the_language_of_the_flow(
    server: AnswerServer, language: str, lang: str, words: str
) -> None:
    await server.scene.ask(language=language, time_zone="Europe/Berlin")
    said = await server.browser.get(server.url(ANNA), headers={"Accept-Language": "ru"})
    page = lxml_html.fromstring(said.text)
    assert page.get("lang") == lang
    assert page.find(".//h1").get("lang") == language
    assert words in page.text_content().replace("\u202f", " ")


@pytest.mark.parametrize(
    "accepted, words",
    [
        ("", "This link leads nowhere"),
        ("de-CH, en;q=0.5", "Dieser Link führt nirgendwohin"),
        ("fr, en;q=0.2, ru;q=0.9", "Эта ссылка никуда не ведёт"),
        ("de;q=0, *", "This link leads nowhere"),
        ("de;q=x" * 1000, "This link leads nowhere"),
    ],
)
async def test_a_link_that_leads_nowhere_is_told_in_the_language_of_the_browser(
    server: AnswerServer, accepted: str, words: str
) -> None:
    said = await server.browser.get(server.url("x" * 43), headers={"Accept-Language": accepted})
    assert (said.status_code, title(said.text)) == (404, words)
    assert said.headers["vary"] == "Accept-Language"


# -- for everybody ---------------------------------------------------------------------------------------------


async def test_the_page_can_be_used_without_seeing_it_and_without_scripts(server: AnswerServer) -> None:
    await server.scene.ask()
    page = lxml_html.fromstring((await server.browser.get(server.url(ANNA))).text)
    assert page.findall(".//script") == []
    assert len(page.findall(".//h1")) == 1
    assert len(page.findall(".//main")) == 1
    assert page.find(".//label").get("for") == page.find(".//textarea").get("id")
    group = page.find(".//*[@role='group']")
    assert group.get("aria-label")
    assert page.get_element_by_id(group.get("aria-describedby")).tag == "h1"
    assert "width=device-width" in page.find(".//meta[@name='viewport']").get("content")
    assert "user-scalable" not in page.find(".//meta[@name='viewport']").get("content")
    assert page.findtext(".//title")


@pytest.mark.parametrize(
    "branding",
    [
        Branding(),
        Branding(accent_colour="#ffcc00"),
        Branding(card_colour="#222222"),
        Branding(page_colour="#000"),
    ],
)
async def test_everything_can_be_read_in_the_light_and_in_the_dark(
    server: AnswerServer, branding: Branding
) -> None:
    """Each rule that says a colour says what it stands on as well; their contrast is what WCAG 2.2 asks for, 4.5."""
    await server.scene.ask(branding=branding)
    text = (await server.browser.get(server.url(ANNA))).text
    style = text.partition("<style>")[2].partition("</style>")[0]
    checked = 0
    for rule in re.findall(r"\{([^{}]*)\}", style):
        colour = re.search(r"(?<![\w-])color: (#\w+)", rule)
        behind = re.search(r"background: (#\w+)", rule)
        if colour and behind:
            checked += 1
            assert contrast(colour[1], behind[1]) >= 4.5, rule
    assert checked >= 9
    assert "prefers-color-scheme: dark" in style


async def test_the_page_wears_the_colours_of_who_asks(server: AnswerServer) -> None:
    branding = Branding(
        product="Acme <Orders>", accent_colour="#b00020", logo="https://cdn.example.org:8443/a/logo.png"
    )
    await server.scene.ask(branding=branding)
    said = await server.browser.get(server.url(ANNA))
    page = lxml_html.fromstring(said.text)
    assert page.find(".//img").get("src") == branding.logo
    assert page.find(".//img").get("alt") == "Acme <Orders>"
    assert "background: #b00020; color: #ffffff" in said.text
    assert "img-src https://cdn.example.org:8443;" in said.headers["content-security-policy"]


# -- headers ---------------------------------------------------------------------------------------------------


async def test_every_page_keeps_its_link_to_itself(server: AnswerServer) -> None:
    await server.scene.ask()
    pages = [
        await server.browser.get(server.url(ANNA)),
        await server.browser.get(server.url("x" * 43)),
        await server.browser.post(server.url(ANNA), data={"answer": "bribe"}),
        await server.browser.post(server.url(ANNA), json={"answer": "approve"}),
        await server.browser.put(server.url(ANNA)),
        await server.browser.get(f"http://127.0.0.1:{server.port}/"),
    ]
    assert [each.status_code for each in pages] == [200, 404, 422, 400, 405, 404]
    for said in pages:
        assert said.headers["referrer-policy"] == "no-referrer"
        assert said.headers["cache-control"] == "no-store"
        assert said.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
        assert said.headers["x-content-type-options"] == "nosniff"
        assert said.headers["x-frame-options"] == "DENY"
        assert "set-cookie" not in said.headers
        assert "server" not in said.headers
        policy = said.headers["content-security-policy"]
        style = said.text.partition("<style>")[2].partition("</style>")[0]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in policy
        assert policy.startswith("default-src 'none';")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


async def test_head_answers_as_get_without_the_page(server: AnswerServer) -> None:
    await server.scene.ask()
    said = await server.browser.head(server.url(ANNA))
    assert (said.status_code, said.content) == (200, b"")
    assert int(said.headers["content-length"]) > 1000


async def test_a_method_that_is_none_is_told_which_there_are(server: AnswerServer) -> None:
    said = await server.browser.request("DELETE", server.url(ANNA))
    assert said.status_code == 405
    assert {each.strip() for each in said.headers["allow"].split(",")} >= {"GET"}


# -- tasks of processes ----------------------------------------------------------------------------------------


async def test_the_page_of_a_task_shows_what_is_known_of_it(server: AnswerServer) -> None:
    evil = "</p><script>alert(1)</script>{{ 7 | times: 6 }}"
    await server.scene.ask(due=None, details=("Record: 4711", evil))
    shown = await server.browser.get(server.url(ANNA))
    page = lxml_html.fromstring(shown.text)
    details = [each.text_content() for each in page.findall(".//p[@class='detail']")]
    assert details == ["Record: 4711", evil]
    assert "The first answer counts." in shown.text
    assert "until" not in shown.text
    assert len(page.forms) == 1


@pytest.mark.parametrize(
    "language, heading, words",
    [
        ("en", "To be done", "where the work is done"),
        ("de", "Zu erledigen", "wo die Arbeit getan wird"),
        ("ru", "Нужно сделать", "где выполняется работа"),
    ],
)
async def test_what_is_done_elsewhere_is_shown_without_buttons(
    server: AnswerServer, language: str, heading: str, words: str
) -> None:
    await server.scene.ask(due=None, choices=(), wants_text=False, language=language)
    shown = await server.browser.get(server.url(ANNA))
    assert shown.status_code == 200
    assert title(shown.text) == "May order 4711 go out?"
    assert words in shown.text
    assert f"<title>{heading}" in shown.text
    for no in ("<form", "<button", "anna@example.org"):
        assert no not in shown.text
    said = await server.browser.post(server.url(ANNA), data={"answer": "approve"})
    assert said.status_code == 422
    assert "<form" not in said.text
