"""The text of a process: two texts in one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.author.process.bundle import MOST_OCTETS, Bundle, read_bundle, write_bundle
from eilbote.errors import ProcessError


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
)
def test_what_is_written_is_read(bpmn: str, settings: str) -> None:
    assert read_bundle(write_bundle(Bundle(bpmn=bpmn, settings=settings))) == Bundle(
        bpmn=bpmn, settings=settings
    )


def test_letters_of_any_script_take_no_more_octets_than_they_need() -> None:
    assert "Prüfung" in write_bundle(Bundle(bpmn="Prüfung"))


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "{}", '{"bpmn": 1}', '{"bpmn": "x", "more": 1}', "[" * 100_000]
)
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ProcessError, match="this is not the text of a process"):
        read_bundle(text)


def test_settings_may_be_missing() -> None:
    assert read_bundle('{"bpmn": "x"}').settings == ""


def test_a_text_that_cannot_be_kept_is_refused_when_it_is_written() -> None:
    with pytest.raises(ProcessError, match=r"have 2,097,1\d\d octets together") as caught:
        write_bundle(Bundle(bpmn="ü" * (MOST_OCTETS // 2)))
    assert caught.value.cause == "At most 2,097,152 are kept"
