"""What is in the wheel, and that it is enough."""

import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest
from tests.acceptance.conftest import ROOT, Installed

pytestmark = pytest.mark.timeout(300)


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "src"
    sources = {
        str(path.relative_to(package))
        for path in (package / "eilbote").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert {name for name in names if ".dist-info/" not in name} == sources
    assert "eilbote/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_metadata_says_licence_and_python(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = HeaderParser().parsestr(archive.read(name).decode())

    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"


def test_every_public_name_loads_with_the_required_packages_alone(installed: Installed) -> None:
    """A package that only the tests install must not be needed by a user."""
    run = installed.run(
        "python", "-c", "import eilbote; [getattr(eilbote, name) for name in eilbote.__all__]"
    )

    assert run.returncode == 0, run.stderr


def test_what_is_installed_fits_together(installed: Installed) -> None:
    run = installed.run("pip", "check")

    assert run.returncode == 0, run.stdout
