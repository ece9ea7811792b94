import pytest

from eilbote.model.status import EnhancedStatusCode, reply_words


@pytest.mark.parametrize(
    "code,enhanced,text,line",
    [
        (250, "2.0.0", "Ok", "250 2.0.0 Ok"),
        (250, "2.0.0", "2.0.0 Ok", "250 2.0.0 Ok"),
        (250, EnhancedStatusCode(2, 0, 0), "2.0.0 Ok", "250 2.0.0 Ok"),
        (250, "2.0.0", "2.0.0", "250 2.0.0"),
        (550, "5.1.1", "5.1.10 null MX", "550 5.1.1 5.1.10 null MX"),
        (250, None, "Ok", "250 Ok"),
        (0, "", "its courier is gone", "its courier is gone"),
        (0, None, "", ""),
    ],
)
def test_a_reply_is_one_line_and_says_its_codes_once(
    code: int, enhanced: EnhancedStatusCode | str | None, text: str, line: str
) -> None:
    assert reply_words(code, enhanced, text) == line
