"""``eilbote api describe|reference``: what can be asked over HTTP, for programs and for people."""

from __future__ import annotations

import json

import typer


def describe() -> None:
    """Write the description of the API, OpenAPI 3.1 in JSON, to stdout.

    A server gives the same at /api/openapi.json. Nothing is opened for it.
    """
    from eilbote.api.description import description_alone

    typer.echo(json.dumps(description_alone(), indent=2, ensure_ascii=False))


def reference() -> None:
    """Write the reference of the API, one page of HTML, to stdout.

    A server shows the same at /api/docs. It needs nothing from elsewhere.
    """
    from eilbote.api.description import description_alone
    from eilbote.api.reference import reference_page

    typer.echo(reference_page(description_alone()))
