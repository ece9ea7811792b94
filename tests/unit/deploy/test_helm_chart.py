"""The Helm chart, without Helm: values, schema and templates know of one another, and what is left without actions is YAML.

It is no rendering: it proves that no template asks for what is not there, and that no value is one that nothing reads.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from eilbote.config.config import setting_names, variable_of
from eilbote.config.helm_values import find_in_values
from eilbote.config.mail_places import SECRETS_DIR_VARIABLE
from eilbote.config.vendor_names import VARIABLES
from eilbote.settings.endpoints import Endpoint

CHART = Path(__file__).parents[3] / "deploy" / "helm" / "eilbote"
TEMPLATES = sorted((CHART / "templates").glob("*.yaml"))
VALUES = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
SCHEMA = json.loads((CHART / "values.schema.json").read_text("utf-8"))
TEXTS = "".join(file.read_text("utf-8") for file in (CHART / "templates").iterdir())
ACTION = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)


def paths(tree: object, before: str = "") -> Iterator[str]:
    """Give the dotted names of all that can be set."""
    if isinstance(tree, Mapping) and tree:
        for name, inner in tree.items():
            yield from paths(inner, f"{before}{name}.")
    else:
        yield before.removesuffix(".")


def test_every_value_that_a_template_names_is_there() -> None:
    known = {name for path in paths(VALUES) for name in prefixes(path)}

    assert set(re.findall(r"\.Values\.([A-Za-z0-9.]+[A-Za-z0-9])", TEXTS)) <= known


def test_every_value_is_read_by_a_template() -> None:
    named = set(re.findall(r"\.Values\.([A-Za-z0-9.]+[A-Za-z0-9])", TEXTS))
    within = set(re.findall(r"[ (]\.((?:basic|oauth2)\.[A-Za-z]+|authType|existingSecret)", TEXTS))

    for path in paths(VALUES):
        inner = path.partition(".")[2]
        assert set(prefixes(path)) & named or inner in within, path


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_what_is_begun_is_ended(file: Path) -> None:
    depth = 0
    for action in ACTION.findall(file.read_text("utf-8")):
        word = action.split()[0]
        depth += (word in {"if", "with", "range", "define"}) - (word == "end")
        assert depth >= 0
    assert depth == 0


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_what_is_left_without_actions_is_yaml(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    kept = [line for line in lines if not re.fullmatch(r"\s*\{\{.*\}\}\s*", line)]
    text = ACTION.sub("x", "\n".join(kept))

    told = yaml.safe_load(text)

    assert set(told) >= {"apiVersion", "kind", "metadata"}


def test_the_schema_knows_every_value_and_none_beside() -> None:
    def compare(schema: Mapping[str, object], values: Mapping[str, object], path: str) -> None:
        if "$ref" in schema:
            schema = SCHEMA["definitions"][str(schema["$ref"]).rpartition("/")[2]]
        properties = schema.get("properties")
        if isinstance(properties, Mapping):
            assert set(values) == set(properties) - {"global"}, path
            for name, inner in values.items():
                if isinstance(inner, Mapping) and inner:
                    compare(properties[name], inner, f"{path}.{name}")

    compare(SCHEMA, VALUES, "values")


def test_every_variable_is_one_that_eilbote_reads() -> None:
    named = set(re.findall(r"name: (EILBOTE_[A-Z_]+|EMAIL_[A-Z_]+)", TEXTS)) | set(VALUES["env"])
    known = {variable_of(name) for name in setting_names()} | {
        each.name for rows in VARIABLES.values() for each in rows
    }

    assert named - {"EILBOTE_SECRET_KEYS", SECRETS_DIR_VARIABLE} <= known


def test_the_values_file_itself_is_read_by_the_names_that_installations_have() -> None:
    given = VALUES | {
        "smtpEmailNotificationCredentials": VALUES["smtpEmailNotificationCredentials"]
        | {"authType": "basic", "basic": {"username": "orders", "password": "secret"}}
    }

    found = find_in_values(given, file="values.yaml").findings[Endpoint.NOTIFICATION]

    assert {each.field: each.value for each in found}.items() >= {
        "user": "orders",
        "password": "secret",
    }.items()


def prefixes(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[:number]) for number in range(1, len(parts) + 1)]
