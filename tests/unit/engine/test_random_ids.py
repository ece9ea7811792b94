"""Names that nobody else has, also in a forked process and after many of them."""

import os
import re

import pytest

from eilbote.engine.random_ids import RandomIds


def test_no_two_are_alike_and_each_has_96_bits() -> None:
    ids = RandomIds()

    tokens = [ids.token() for _ in range(2000)] + [RandomIds().token() for _ in range(10)]

    assert len(set(tokens)) == 2010
    assert all(re.fullmatch("[0-9a-f]{24}", token) for token in tokens)


def test_a_forked_process_does_not_give_the_names_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = RandomIds()
    ids.token()
    process, asked = os.getpid(), []
    monkeypatch.setattr(os, "urandom", lambda count: asked.append(count) or bytes(count))

    ids.token()
    assert asked == []
    monkeypatch.setattr(os, "getpid", lambda: process + 1)
    ids.token()
    ids.token()

    assert len(asked) == 1
