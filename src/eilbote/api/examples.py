"""Examples made from a schema: what its fields say for example, their defaults, or something of their kind."""

from __future__ import annotations

from typing import Any, Final, cast

_DEEPEST: Final = 6
_OF_FORMAT: Final = {
    "date-time": "2026-01-15T09:30:00Z",
    "date": "2026-01-15",
    "email": "anna@example.org",
    "uri": "https://example.org/",
    "password": "correct horse battery staple",
    "binary": "...",
}
_OF_NAME: Final = {
    "id": "7f3a9c21",
    "organization": "acme",
    "name": "office",
    "address": "anna@example.org",
    "language": "en",
    "time_zone": "Europe/Berlin",
}
Schema = dict[str, Any]


def example_of(schema: Schema, schemas: Schema, *, is_input: bool, name: str = "", depth: int = 0) -> Any:  # noqa: ANN401 - it is JSON
    """Give an example.

    Args:
        schema: Of what.
        schemas: Those that it may refer to, by name.
        is_input: Whether it is sent to the API: then optional fields without an example of their own are left out.
        name: What the field is called.
        depth: How deep it stands.
    """
    if "$ref" in schema:
        known = cast("Schema", schemas[str(schema["$ref"]).rpartition("/")[2]])
        return example_of({**known, **_beside(schema)}, schemas, is_input=is_input, name=name, depth=depth)
    if "example" in schema:
        return schema["example"]
    if schema.get("examples"):
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for joined in ("anyOf", "oneOf", "allOf"):
        if schema.get(joined):
            kinds = [each for each in schema[joined] if each.get("type") != "null"]
            return example_of(kinds[0], schemas, is_input=is_input, name=name, depth=depth) if kinds else None
    return _of_type(schema, schemas, is_input=is_input, name=name, depth=depth)


def _of_type(schema: Schema, schemas: Schema, *, is_input: bool, name: str, depth: int) -> Any:  # noqa: ANN401 - as above
    match schema.get("type"):
        case "object":
            return _object(schema, schemas, is_input=is_input, depth=depth)
        case "array":
            if depth >= _DEEPEST:
                return []
            return [
                example_of(schema.get("items", {}), schemas, is_input=is_input, name=name, depth=depth + 1)
            ]
        case "string":
            if schema.get("default"):
                return schema["default"]
            return _OF_FORMAT.get(schema.get("format", "")) or _OF_NAME.get(name) or "text"
        case "integer":
            return schema.get("default") or max(1, int(schema.get("minimum", 1)))
        case "number":
            return schema.get("default") or max(1.0, float(schema.get("minimum", 1)))
        case "boolean":
            return schema.get("default", True)
        case _:
            return None if not schema else {}


def _object(schema: Schema, schemas: Schema, *, is_input: bool, depth: int) -> Schema:
    properties = cast("dict[str, Schema]", schema.get("properties", {}))
    required = set(schema.get("required", ()))
    made: Schema = {}
    for name, each in properties.items():
        is_shown = name in required or bool(each.get("examples")) or "example" in each
        if is_input and not is_shown:
            continue
        if depth >= _DEEPEST and name not in required:
            continue
        made[name] = _shown(name, each, schemas, is_input=is_input, depth=depth)
    if not properties and isinstance(schema.get("additionalProperties"), dict) and depth < _DEEPEST:
        inner = cast("Schema", schema["additionalProperties"])
        made["name"] = example_of(inner, schemas, is_input=is_input, depth=depth + 1)
    return made


def _shown(name: str, schema: Schema, schemas: Schema, *, is_input: bool, depth: int) -> Any:  # noqa: ANN401 - as above
    has_own = bool(schema.get("examples")) or "example" in schema
    if not has_own and "default" in schema and (schema["default"] is None or schema["default"] in ("", [])):
        return schema["default"]
    return example_of(schema, schemas, is_input=is_input, name=name, depth=depth + 1)


def _beside(schema: Schema) -> Schema:
    return {name: value for name, value in schema.items() if name != "$ref"}
