"""Of an answer each member is there: whoever reads one need not look whether it is before looking what it says."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from eilbote.api.answer_shapes import require_what_is_told
from eilbote.api.description import description_alone
from eilbote.api.paging import Page


class Inner(BaseModel):
    remedy: str = ""


class Told(BaseModel):
    inner: Inner = Inner()
    until: str | None = None


class Both(BaseModel):
    waiting: int = 0


class Sent(BaseModel):
    quota: Both = Both()


def app() -> FastAPI:
    made = FastAPI(separate_input_output_schemas=False)

    @made.post("/told")
    async def told(sent: Sent) -> Page[Told]:
        return Page(items=[Told()])

    @made.get("/both")
    async def both() -> Both:
        return Both()

    return made


def schemas() -> dict[str, Any]:
    made = app().openapi()
    require_what_is_told(made)
    found: dict[str, Any] = made["components"]["schemas"]
    return found


def test_what_is_only_told_has_each_member_and_so_has_what_it_holds() -> None:
    found = schemas()
    assert found["Page_Told_"]["required"] == ["items", "next_cursor"]
    assert found["Told"]["required"] == ["inner", "until"]
    assert found["Inner"]["required"] == ["remedy"]


def test_what_is_sent_may_be_left_out_as_before_even_where_it_is_told_as_well() -> None:
    found = schemas()
    assert "required" not in found["Sent"]
    assert "required" not in found["Both"]


def test_it_is_told_indeed() -> None:
    answer = TestClient(app()).post("/told", json={})
    assert answer.json() == {"items": [{"inner": {"remedy": ""}, "until": None}], "next_cursor": None}


def test_problems_and_pages_of_the_api_say_that_their_members_are_there() -> None:
    found = description_alone()["components"]["schemas"]
    for name in ("Problem", "Page_MessageShape_", "ConnectionShape", "SettingsShape"):
        assert set(found[name]["required"]) == set(found[name]["properties"]), name
    assert "required" not in found["SettingsChange"]
