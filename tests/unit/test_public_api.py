"""The public names are one sorted page, every one can be had, and every one says what it is."""

import ast
import inspect
import tomllib
from pathlib import Path

import pytest

import eilbote
from eilbote import errors, testing

ROOT = Path(__file__).parents[2]
NAMES = [name for name in eilbote.__all__ if name != "__version__"]


def names_for_type_checkers() -> list[tuple[str, str]]:
    """Return (module, name) from the block that only type checkers read."""
    page = ast.parse((ROOT / "src/eilbote/__init__.py").read_text())
    block = next(node for node in page.body if isinstance(node, ast.If))
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    return [(node.module or "", alias.name) for node in imports for alias in node.names]


def test_the_page_is_sorted_and_names_nothing_twice() -> None:
    assert sorted(set(NAMES)) == NAMES


def test_type_checkers_read_the_same_page() -> None:
    assert sorted(name for _, name in names_for_type_checkers()) == NAMES


@pytest.mark.parametrize("module,name", names_for_type_checkers())
def test_a_name_comes_from_the_room_that_type_checkers_are_told(module: str, name: str) -> None:
    room = __import__(module, fromlist=[name])

    assert getattr(eilbote, name) is getattr(room, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_says_what_it_is(name: str) -> None:
    thing = getattr(eilbote, name)
    if not (inspect.isclass(thing) or inspect.isroutine(thing)):
        return  # an alias of types is explained where it is defined

    documentation = (thing.__doc__ or "").strip()

    assert documentation
    assert not documentation.startswith(f"{name}("), "that is the text dataclass generates"
    if not inspect.isclass(thing):
        return
    for attribute, member in vars(thing).items():
        if not attribute.startswith("_") and inspect.isfunction(member):
            assert member.__doc__ or inherits_its_text(thing, attribute), (
                f"{name}.{attribute} has no docstring"
            )


def inherits_its_text(thing: type, attribute: str) -> bool:
    return any(getattr(getattr(parent, attribute, None), "__doc__", None) for parent in thing.__mro__[1:])


SPELLED_OUT = {
    "Addresses": "texts, mailboxes, groups, and lists of them",
    "AwaitedMessage": "a part of ProcessInstance",
    "BlobStore": "whoever keeps large parts elsewhere reads eilbote.outbox.store",
    "BounceSettings": "a part of Config, read from eilbote.toml; whoever makes one reads eilbote.config.sections",
    "CaptureSettings": "a part of Config, read from eilbote.toml; whoever makes one reads eilbote.config.sections",
    "Condition": "what a search is read into; a part of EntryFilter",
    "Content": "what the from_ methods of Attachment make",
    "Data": "texts, numbers, true, false, None, lists and tables",
    "EgressPolicy": "what EgressSettings make",
    "EndpointBook": "what Eilbote.settings is",
    "ErrorDict": "a part of ReceiptDict",
    "Everybody": "who works while the block of Eilbote.courier lasts",
    "FlowStore": "whoever keeps flows elsewhere reads eilbote.author.flow.store",
    "Incident": "a part of ProcessInstance",
    "KnownConnections": "what Eilbote.connections is",
    "MailboxSettings": "a part of Config, read from eilbote.toml; whoever makes one reads eilbote.config.sections",
    "MetricsSettings": "a part of Config, read from eilbote.toml; whoever makes one reads eilbote.config.sections",
    "OidcSettings": "a part of Config, read from eilbote.toml; whoever makes one reads eilbote.config.sections",
    "OpenTask": "a part of ProcessInstance",
    "OutboxStore": "whoever writes an outbox of their own begins at eilbote.testing.exercise_outbox_store",
    "Owner": "whoever hears of a delivery inside a way out",
    "Passage": "a part of ProcessInstance",
    "ProcessFinding": "what PublicationError.findings has",
    "ProcessStore": "whoever keeps processes elsewhere reads eilbote.author.process.store",
    "RecipientDict": "a part of ReceiptDict",
    "Records": "whoever keeps stored connections elsewhere reads eilbote.settings.records",
    "RejectedErrorDict": "a part of ReceiptDict",
    "RelaySettings": "a part of Config, read from eilbote.toml; whoever makes one reads eilbote.config.sections",
    "Report": "whoever hears what happens reads eilbote.record.report",
    "Segment": "bytes or an OctetSource",
    "ServerSettings": "a part of Config, read from eilbote.toml; whoever makes one reads eilbote.config.sections",
    "Snapshots": "what Eilbote.snapshots is",
    "SuppressionSettings": "a part of Config, read from eilbote.toml; whoever makes one reads eilbote.config.sections",
    "Services": "what Eilbote.services is",
    "Wiring": "what couriers find behind Eilbote",
}
"""Names of ours in public signatures that nobody outside has to write down, and why."""


def named_in(node: ast.ClassDef | ast.FunctionDef) -> set[str]:
    """Return the names in the annotations of what is public of a class or a function."""
    found: set[str] = set()
    for each in node.body if isinstance(node, ast.ClassDef) else [node]:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            if each.name.startswith("_") and each.name != "__init__":
                continue
            arguments = [*each.args.posonlyargs, *each.args.args, *each.args.kwonlyargs]
            annotations = [argument.annotation for argument in arguments] + [each.returns]
        elif isinstance(each, ast.AnnAssign) and not ast.unparse(each.target).startswith("_"):
            annotations = [each.annotation]
        else:
            continue
        for annotation in filter(None, annotations):
            found |= {part.id for part in ast.walk(annotation) if isinstance(part, ast.Name)}
    return found


def ours() -> set[str]:
    """Return the names of all our classes and of the aliases of types."""
    found: set[str] = set()
    for path in (ROOT / "src/eilbote").rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
                found.add(ast.unparse(node.target))
    return found


def test_what_a_public_signature_names_can_be_had_from_the_front_page() -> None:
    """Who annotates a variable, or writes a clock or a way out, should not have to look for its name."""
    known = ours()
    named: set[str] = set()
    for name in NAMES:
        thing = getattr(eilbote, name)
        if not (inspect.isclass(thing) or inspect.isroutine(thing)):
            continue
        room = ast.parse(Path(inspect.getsourcefile(inspect.unwrap(thing)) or "").read_text())
        for node in room.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
                named |= named_in(node) & known

    assert named - set(NAMES) == SPELLED_OUT.keys()


def test_the_kit_for_tests_is_such_a_page_too() -> None:
    page = ast.parse((ROOT / "src/eilbote/testing/__init__.py").read_text())
    block = next(node for node in page.body if isinstance(node, ast.If))
    told = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert sorted(testing.__all__) == testing.__all__ == dir(testing) == sorted(told)
    for name, module in told.items():
        assert getattr(testing, name) is getattr(__import__(module or "", fromlist=[name]), name)


def test_the_page_is_what_dir_shows() -> None:
    assert set(eilbote.__all__) == set(dir(eilbote))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Mailler'"):
        eilbote.Mailler  # type: ignore[attr-defined]  # noqa: B018


def test_every_exception_that_is_raised_can_be_had_from_the_front_page() -> None:
    """Who catches an error should not have to know in which room it is defined."""
    tree = {
        name
        for name, thing in vars(errors).items()
        if inspect.isclass(thing) and issubclass(thing, Exception)
    }
    made = {
        node.func.id
        for path in (ROOT / "src/eilbote").rglob("*.py")
        if path.name != "errors.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }

    assert (tree & made) - set(NAMES) == set()


def test_the_version_is_that_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert eilbote.__version__ == project["version"]
