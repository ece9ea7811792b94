"""In which language an answer is told to people: the one that a request names, or else the one that a browser asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Depends, Query, Request, Response

from eilbote.api.page_frame import LANGUAGES, reader_language

if TYPE_CHECKING:
    from collections.abc import Mapping


def told_language(
    request: Request,
    response: Response,
    language: Annotated[
        Literal["en", "de", "ru"] | None,
        Query(
            description="In which language labels are told; the one that `Accept-Language` prefers when left out"
        ),
    ] = None,
) -> str:
    """Choose the language; an answer that depends on a header says so (RFC 9110 section 12.5.5)."""
    if language is not None:
        return language
    response.headers["Vary"] = "Accept-Language"
    return reader_language(request.headers.get("accept-language", ""))


ToldLanguage = Annotated[str, Depends(told_language)]


def in_language(words: Mapping[str, str], language: str) -> str:
    """Give words in a language, or in English where nobody has translated them."""
    return words.get(language) or words[LANGUAGES[0]]
