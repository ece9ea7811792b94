"""The description of the API is complete: nobody has to read the code to use an operation, and no example is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant

from eilbote.accounts.role import Permission
from eilbote.api.acting import Needs
from eilbote.api.description import EVERYBODY, SIGNED_IN, description
from eilbote.api.error_codes import error_codes
from eilbote.api.everybody import Everybody
from eilbote.api.v1.resources import RESOURCES, add_operations

METHODS = ("get", "post", "put", "patch", "delete")


@cache
def described() -> dict[str, Any]:
    app = FastAPI()
    add_operations(app)
    return description(app)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, found in described()["paths"].items():
        for method in METHODS:
            if method in found:
                yield method, path, found[method]


def named(what: str) -> str:
    return f"these operations lack {what}:\n"


def check(what: str, missing: list[str]) -> None:
    assert not missing, named(what) + "\n".join(missing)


def test_each_operation_has_a_name_of_its_own_a_summary_a_text_and_a_tag() -> None:
    ids = [operation.get("operationId", "") for _, _, operation in operations()]
    assert len(ids) == len(set(ids))
    for name in ("operationId", "summary", "description", "tags"):
        check(
            name, [f"{method} {path}" for method, path, operation in operations() if not operation.get(name)]
        )
    # a name that FastAPI has made up holds the path
    check("a chosen name", [each for each in ids if "api_v1" in each])


def test_each_operation_names_what_it_needs() -> None:
    known = {each.value for each in Permission} | {EVERYBODY, SIGNED_IN}
    check(
        "a permission",
        [f"{m} {p}" for m, p, operation in operations() if operation.get("x-permission") not in known],
    )


def test_whoever_needs_nothing_is_let_in_on_purpose() -> None:
    """An operation without a guard is a mistake; one for everybody says so by its dependency."""
    unguarded: list[str] = []
    for resource in RESOURCES:
        for route in resource.routes:
            kinds = [type(each.call) for each in _all_dependencies(route.dependant)]  # type: ignore[attr-defined]
            if not {Needs, Everybody} & set(kinds):
                unguarded.append(f"{sorted(route.methods)} {route.path}")  # type: ignore[attr-defined]
    check("a guard", unguarded)


def _all_dependencies(dependant: Dependant) -> Iterator[Dependant]:
    for each in dependant.dependencies:
        yield each
        yield from _all_dependencies(each)


def test_each_operation_says_what_may_go_wrong() -> None:
    for method, path, operation in operations():
        answers = operation["responses"]
        wanted = {"422", "429", "503"} | ({"401", "403"} if operation["x-permission"] != EVERYBODY else set())
        assert wanted <= answers.keys(), (method, path)
        if "{" in path:
            assert "404" in answers, (method, path)
        for status, answer in answers.items():
            if status.startswith(("4", "5")):
                assert "application/problem+json" in answer["content"], (method, path, status)


def test_what_is_sent_and_what_comes_back_has_an_example_that_is_true() -> None:
    wrong: list[str] = []
    for method, path, operation in operations():
        contents = list(operation.get("requestBody", {}).get("content", {}).items())
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                contents += list(answer.get("content", {}).items())
        for kind, content in contents:
            if not kind.endswith("json"):
                continue
            if "example" not in content and "examples" not in content:
                wrong.append(f"{method} {path}: none")
                continue
            examples = (
                [content["example"]]
                if "example" in content
                else [each["value"] for each in content["examples"].values()]
            )
            schema = {**content["schema"], "components": described()["components"]}
            validator = jsonschema_rs.validator_for(schema)
            wrong += [
                f"{method} {path}: {error.message} at {list(error.instance_path)}"
                for each in examples
                for error in validator.iter_errors(each)
            ]
    check("a true example", wrong)


def test_each_parameter_of_a_path_and_query_is_explained() -> None:
    missing = [
        f"{method} {path}: {parameter['name']}"
        for method, path, operation in operations()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query" and not parameter.get("description")
    ]
    check("a description of a parameter", missing)


def test_shapes_have_names_that_classes_can_have() -> None:
    check("a name of their own", [name for name in described()["components"]["schemas"] if "__" in name])


def test_each_group_of_operations_says_what_it_is_about() -> None:
    told = {each["name"]: each["description"] for each in described()["tags"]}
    check(
        "a text", [tag for _, _, operation in operations() for tag in operation["tags"] if not told.get(tag)]
    )


def test_the_codes_of_errors_are_listed_once_each() -> None:
    codes = [each.code for each in error_codes()]
    assert len(codes) == len(set(codes))
    assert {"validation", "json", "sign_in", "forbidden", "conflict", "throttled", "suppressed"} <= set(codes)
    assert all(each.text and 400 <= each.status < 600 for each in error_codes())
    assert "| `conflict` | 409 |" in described()["info"]["description"]


def test_lists_end() -> None:
    """Whatever gives many gives them page by page."""
    for method, path, operation in operations():
        names = {each["name"] for each in operation.get("parameters", ())}
        if method == "get" and "cursor" in names:
            assert "limit" in names, path


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _references(each)


def test_whatever_is_referred_to_stands_in_it() -> None:
    shapes = {f"#/components/schemas/{name}" for name in described()["components"]["schemas"]}
    check("a shape that is referred to", sorted(set(_references(described())) - shapes))


def test_whoever_signs_in_reads_that_a_wrong_password_is_refused() -> None:
    answers = described()["paths"]["/api/v1/session"]["post"]["responses"]
    assert {"401", "403"} <= answers.keys()
    assert "application/problem+json" in answers["401"]["content"]


def test_a_page_for_a_browser_is_told_beside_the_problem() -> None:
    told = described()["paths"]["/api/v1/connections/consent/callback"]["get"]["responses"]["400"]
    assert told["content"].keys() == {"application/problem+json", "text/html"}
