"""``/acknowledge/TOKEN``: GET shows what has happened and who looks after it, POST says that the reader of the message does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.api.one_click import Shown, one_click_router
from eilbote.engine.notify_acknowledging import PATH
from eilbote.model.moment import as_datetime

if TYPE_CHECKING:
    from fastapi import APIRouter

    from eilbote.engine.notify_acknowledging import Asked
    from eilbote.engine.notify_desk import NotifyDesk

_WORDS: Final = "acknowledge.toml"


def acknowledge_router() -> APIRouter:
    """Give the routes."""
    return one_click_router(PATH, words=_WORDS, look=_look, act=_acknowledge)


async def _look(desk: NotifyDesk, token: str, language: str) -> Shown | None:
    links = desk.acknowledging
    return None if links is None else _shown(await links.look(token), language)


async def _acknowledge(desk: NotifyDesk, token: str, language: str) -> Shown | None:
    links = desk.acknowledging
    return None if links is None else _shown(await links.acknowledge(token), language)


def _shown(asked: Asked | None, language: str) -> Shown | None:
    if asked is None:
        return None
    values: dict[str, object] = {"event": asked.title(language), "address": asked.address}
    known = asked.acknowledgement
    if known is None:
        return Shown(name="ask", values=values)
    return Shown(name="done", values={**values, "by": known.by, "at": as_datetime(known.at)})
