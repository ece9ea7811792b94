"""How an error is told: one block on stderr for people, one object on stdout for programs.

::

    eilbote: there is nothing behind the '@'
      where   --to, character 6
                anna@
                     ^
      why     ...
      do      Write local-part@domain
"""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING

import typer

from eilbote.cli.exit_codes import exit_code_of
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.option_names import option_of
from eilbote.errors import DeliveryError, EilboteError, RecipientsRefusedError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.cli.screen import Screen

_WIDEST = 100
_MARGIN = 10
_BEFORE, _AFTER = 40, 30  # characters shown around the position


def complain(error: EilboteError, screen: Screen) -> None:
    """Tell an error on stderr, and as JSON on stdout if that is what stdout takes."""
    if screen.as_json:
        with outliving_lost_output():
            screen.data({"error": error_object(error)})
    typer.secho("eilbote: ", err=True, nl=False, fg=typer.colors.RED, bold=True)
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    what = textwrap.fill(
        error.what,
        width,
        initial_indent=" " * len("eilbote: "),
        break_long_words=False,  # a path is to be copied as it is
        break_on_hyphens=False,
    )
    typer.echo(what.lstrip(), err=True)
    for label, text in _paragraphs(error, screen):
        if not label:
            typer.echo(" " * (_MARGIN + 2) + text, err=True)
            continue
        typer.secho(f"  {label:<{_MARGIN - 2}}", err=True, nl=False, bold=True)
        filled = textwrap.fill(
            text,
            max(width, 40),
            initial_indent=" " * _MARGIN,
            subsequent_indent=" " * _MARGIN,
            break_long_words=False,
            break_on_hyphens=False,
        )
        typer.echo(filled.lstrip(), err=True)


def error_object(error: EilboteError) -> Mapping[str, object]:
    """Give an error as plain data; the keys are stable, what is unknown is ``None``."""
    known: dict[str, object] = {
        "code": error.code,
        "what": error.what,
        "field": error.field,
        "position": error.position,
        "cause": error.cause,
        "remedy": error.remedy,
        "exit_code": int(exit_code_of(error)),
    }
    if isinstance(error, DeliveryError):
        known |= {
            "stage": error.stage,
            "server": error.server,
            "scope": error.scope.value,
            "durability": error.durability.value,
            "reply_code": error.reply_code,
            "enhanced_status_code": error.enhanced_status_code,
            "reply_text": error.reply_text,
        }
    if isinstance(error, RecipientsRefusedError):
        from eilbote.model.receipt_dict import receipt_dict

        known["receipt"] = receipt_dict(error.receipt, reveal_bcc=True)
    return known


def _paragraphs(error: EilboteError, screen: Screen) -> Iterator[tuple[str, str]]:
    """Give labels with their texts; a line without a label stands under the one before, as it is."""
    if error.field:
        where = option_of(error.field, screen.names)
        given = screen.given.get(error.field)
        if error.position is None:
            yield "where", where
        else:
            yield "where", f"{where}, character {error.position + 1}"
            if given is not None and error.position <= len(given):
                yield from (("", line) for line in _excerpt(given, error.position))
    if isinstance(error, DeliveryError):
        if error.server:
            yield "server", error.server + (f", at {error.stage}" if error.stage else "")
        if error.reply_text or error.reply_code:
            yield "reply", _reply(error)
    if isinstance(error, RecipientsRefusedError):
        from eilbote.model.status import reply_words  # not needed for help

        for result in error.receipt.results:
            said = reply_words(result.reply_code, result.enhanced_status_code, result.text)
            yield str(result.status), f"{result.address}  {said}".rstrip()
    if error.cause:
        yield "why", _sentence(error.cause)
    if error.remedy:
        yield "do", _sentence(error.remedy)
    if hint := _hint(error):
        yield "hint", hint


def _hint(error: EilboteError) -> str:
    """Translate a remedy that speaks of settings and drafts, as the library does, into the words of a command line."""
    field = error.field or ""
    if field == "security":
        return "In a URI smtp:// means starttls, smtps:// means tls, and ?starttls=never means none."
    if field == "password" and type(error) is SettingsError:  # and not one about the file it was read from
        return "A password is read from --password-file, EILBOTE_PASSWORD, or behind the user in a URI."
    if field.startswith("headers."):
        own = option_of(field.removeprefix("headers.").lower().replace("-", "_"))
        return f"On the command line that is {own}." if own.startswith("--") else ""
    return ""


def _excerpt(text: str, position: int) -> Iterator[str]:
    """Show the text around a position, and a caret under it."""
    start, end = max(0, position - _BEFORE), position + _AFTER
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[start:end])
    before, after = "..." if start else "", "..." if end < len(text) else ""
    yield f"{before}{shown}{after}"
    yield " " * (len(before) + position - start) + "^"


def _reply(error: DeliveryError) -> str:
    from eilbote.model.status import reply_words

    text = error.reply_text or ""
    if text.startswith(str(error.reply_code or "")):
        return text
    return reply_words(error.reply_code or 0, error.enhanced_status_code, text)


def _sentence(text: str) -> str:
    if text.partition(" ")[0].isalpha():  # and not a URI, a keyword or a quoted text
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?", ":", ")")) else f"{text}."
