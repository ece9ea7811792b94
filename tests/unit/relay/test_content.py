"""Content while it comes: whatever the pieces, the same is kept, and only CR LF . CR LF ends it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.relay.content import IncomingContent


def taken(
    octets: bytes, cuts: list[int], *, limit: int = 1_000_000
) -> tuple[bytes | None, bytes | None, str]:
    content = IncomingContent(limit)
    rest = None
    behind = b""
    for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True):
        if rest is None:
            rest = content.feed(octets[start:end])
        else:
            behind += octets[start:end]
    if rest is None:
        content.close()
        return None, None, ""
    kept = content.octets()
    whole = kept if isinstance(kept, bytes) else b"".join(kept.chunks())
    fault = content.looked_over.fault
    content.close()
    return whole, rest + behind, fault


@pytest.mark.parametrize("cut", range(24))
def test_the_end_is_found_and_dots_are_undone_wherever_a_piece_begins(cut: int) -> None:
    sent = b"A: b\r\n\r\n..\r\n.x\r\n.\r\nQUIT\r\n"
    assert taken(sent, [cut]) == (b"A: b\r\n\r\n.\r\nx\r\n", b"QUIT\r\n", "")


def test_content_may_be_empty() -> None:
    assert taken(b".\r\nQUIT\r\n", [])[:2] == (b"", b"QUIT\r\n")
    assert taken(b".\r\nQUIT\r\n", [1, 2])[:2] == (b"", b"QUIT\r\n")


@pytest.mark.parametrize(
    "end", [b"\n.\r\n", b"\r\n.\n", b"\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\r\n\0.\r\n"]
)
def test_nothing_else_ends_it(end: bytes) -> None:
    sent = b"A: b\r\n\r\nx" + end + b"MAIL FROM:<evil@example.org>\r\n"
    for cut in range(len(sent)):
        assert taken(sent, [cut])[0] is None
    whole, rest, fault = taken(sent + b"\r\n.\r\n", [])
    assert whole is not None
    assert rest == b""
    assert "CR or LF" in fault or "NUL" in fault


def test_what_is_too_large_is_not_kept_and_its_end_is_found() -> None:
    content = IncomingContent(1000)
    for _ in range(1000):
        assert content.feed(b"x" * 98 + b"\r\n") is None
    assert content.feed(b".\r\nQUIT\r\n") == b"QUIT\r\n"
    assert content.is_too_large
    assert content.looked_over.size <= 1000
    content.close()


def test_large_content_is_read_from_a_file_as_often_as_needed() -> None:
    line = b"y" * 70 + b"\r\n"
    content = IncomingContent(10_000_000)
    content.feed(b"A: b\r\n\r\n" + line * 5000 + b".\r\n")
    kept = content.octets()
    assert not isinstance(kept, bytes)
    assert b"".join(kept.chunks()) == b"".join(kept.chunks()) == b"A: b\r\n\r\n" + line * 5000
    content.close()


LINES = st.lists(
    st.sampled_from(
        [b".", b"..", b"\r\n", b"\r", b"\n", b"x", b"\r\n.", b"\r\n.\r\n", b"\r\n..\r\n", b"\xff"]
    ),
    max_size=14,
).map(b"".join)


@given(LINES, st.data())
def test_any_pieces_give_the_same(octets: bytes, data: st.DataObject) -> None:
    octets += b"\r\n.\r\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=8)))
    whole, rest, _ = taken(octets, [])
    assert whole is not None
    assert taken(octets, cuts)[:2] == (whole, rest)
    # what an independent reading says
    end = (b"\r\n" + octets).index(b"\r\n.\r\n")
    assert whole == (b"\r\n" + octets)[: end + 2].replace(b"\r\n.", b"\r\n")[2:]
    assert rest == (b"\r\n" + octets)[end + 5 :]
