"""The names of existing installations and the fields of settings are on the page for administrators, each as it is."""

import re
from pathlib import Path

from eilbote.config.vendor_names import SECRET_KEYS, VARIABLES
from eilbote.settings.fields import FIELDS

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "configuration.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """Give the rows of the table whose first column is headed so."""
    table = PAGE.split(f"\n| {heading} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.splitlines()[2:]]


def test_every_field_is_told_with_what_it_belongs_to() -> None:
    assert rows("field") == [
        [f"`{each.name}`", each.label, each.group.value, each.help] for each in FIELDS.values()
    ]


def test_the_secret_ones_are_named() -> None:
    told = re.search(r"^Secrets, which nothing shows once they are set: (.*)\.$", PAGE, re.MULTILINE)

    assert told is not None
    assert set(re.findall(r"`(\w+)`", told[1])) == {each.name for each in FIELDS.values() if each.is_secret}


def test_every_variable_is_told_and_which_may_name_a_file() -> None:
    told = {row[0]: row[1:] for row in rows("variable")}

    assert list(told) == [f"`{each.name}`" for names in VARIABLES.values() for each in names]
    for names in VARIABLES.values():
        for each in names:
            field, *known = told[f"`{each.name}`"]
            assert field == f"`{each.field}`"
            assert ("*file*" in "".join(known)) is each.may_be_a_file


def test_every_key_of_a_mounted_secret_is_told() -> None:
    assert rows("key") == [
        [f"`{each.name}`", f"`{each.field}`"] for names in SECRET_KEYS.values() for each in names
    ]


def test_every_name_says_a_field_there_is() -> None:
    for table in (VARIABLES, SECRET_KEYS):
        assert {each.field for names in table.values() for each in names} <= set(FIELDS)
