"""``/unsubscribe/TOKEN``: GET shows what somebody is told and changes nothing, POST ends it, with one click (RFC 8058).

A mail program posts ``List-Unsubscribe=One-Click``, a person presses the button of the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.api.one_click import Shown, one_click_router
from eilbote.engine.notify_leaving import PATH

if TYPE_CHECKING:
    from fastapi import APIRouter

    from eilbote.engine.notify_desk import NotifyDesk
    from eilbote.engine.notify_leaving import Left

_WORDS: Final = "unsubscribe.toml"


def unsubscribe_router() -> APIRouter:
    """Give the routes."""
    return one_click_router(PATH, words=_WORDS, look=_look, act=_leave)


async def _look(desk: NotifyDesk, token: str, language: str) -> Shown | None:
    del language
    return None if desk.leaving is None else _shown(await desk.leaving.look(token))


async def _leave(desk: NotifyDesk, token: str, language: str) -> Shown | None:
    del language
    return None if desk.leaving is None else _shown(await desk.leaving.leave(token))


def _shown(left: Left | None) -> Shown | None:
    if left is None:
        return None
    values = {"address": left.address, "events": left.pattern}
    return Shown(name="done" if left.has_left else "ask", values=values)
