"""What a variable or a file says becomes the kind of value a setting is, or is refused without being shown."""

from pathlib import Path

import pytest

from eilbote.config.setting_kinds import read_setting
from eilbote.model.secret import Secret


@pytest.mark.parametrize(
    "value,kind,read",
    [
        ("30", float, 30.0),
        (" 0.5 ", float, 0.5),
        ("1e3", float, 1000.0),
        (7, float, 7.0),
        ("1000", int, 1000),
        (1000, int, 1000),
        ("yes", bool, True),
        (False, bool, False),
        ("OFF", bool, False),
        ("a b", str, "a b"),
        ("/srv", Path, Path("/srv")),
        ("/srv", Path | None, Path("/srv")),
        (None, str | None, None),
    ],
)
def test_a_value_is_read(value: object, kind: object, read: object) -> None:
    found = read_setting(value, kind)

    assert found == read
    assert type(found) is type(read)


def test_a_secret_is_kept_as_one() -> None:
    found = read_setting("planted", Secret)

    assert isinstance(found, Secret)
    assert found.reveal() == "planted"


@pytest.mark.parametrize(
    "value,kind",
    [
        *[
            (value, float)
            for value in ("planted", "nan", "inf", "1e9999", "0x10", "1_000", True, "", [], "٣")
        ],
        *[(value, int) for value in ("planted", "1.0", 1.0, True, "1_000", "9" * 5000, "٣", "--1")],
        *[(value, bool) for value in ("planted", 1, "2", None)],
        *[(value, str) for value in (1, None, ["planted"], True)],
        (1, Path),
        (1, Secret),
    ],
)
def test_what_cannot_be_read_is_refused_and_not_shown(value: object, kind: object) -> None:
    with pytest.raises(ValueError, match=r"^it is n") as fault:
        read_setting(value, kind)

    assert "planted" not in str(fault.value)


def test_whoever_writes_a_list_hears_how_several_are_written() -> None:
    with pytest.raises(ValueError, match="with blanks between"):
        read_setting(["10.2.0.0/16"], str)
