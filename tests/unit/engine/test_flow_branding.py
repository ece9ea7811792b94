"""How notifications look is a setting like any other: inherited from the host, and told where it came from."""

from __future__ import annotations

from dataclasses import fields

import pytest

from eilbote.engine.flow_branding import OF_BRANDING, branding_for, branding_of
from eilbote.engine.look_check import check_look
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import SettingsError
from eilbote.settings.change import Change, apply_change
from eilbote.settings.endpoint_book import EndpointBook
from eilbote.settings.endpoints import Endpoint, NoEnvironment
from eilbote.settings.fields import BRAND
from eilbote.settings.inheritance import Level
from eilbote.settings.scope import ScopeSettings
from eilbote.store.memory_records import MemoryRecords
from eilbote.template.branding import Branding


async def book() -> EndpointBook:
    records = MemoryRecords()
    await records.open()
    return EndpointBook(
        settings=records.settings,
        environment=NoEnvironment(),
        revision=records.connections.revision,
        clock=SystemClock(),
        check=check_look,
    )


def test_every_part_of_the_look_is_a_setting() -> None:
    assert set(OF_BRANDING) == BRAND
    assert set(OF_BRANDING.values()) == {each.name for each in fields(Branding)}


@pytest.mark.asyncio
async def test_an_organization_has_the_look_of_the_host_but_for_what_it_says_itself() -> None:
    settings = await book()
    await settings.change(
        {"brand_product": "Host", "brand_accent_colour": "#123456", "brand_logo_width": "120"}
    )
    await settings.change({"brand_product": "Acme"}, "acme")
    assert await branding_for(settings) == Branding(product="Host", accent_colour="#123456", logo_width=120)
    assert await branding_for(settings, "acme") == Branding(
        product="Acme", accent_colour="#123456", logo_width=120
    )
    assert await branding_for(settings, "other") == await branding_for(settings)
    found = await settings.effective(Endpoint.NOTIFICATION, "acme")
    assert found.values["brand_product"].level is Level.ORGANIZATION
    assert found.values["brand_accent_colour"].level is Level.HOST


@pytest.mark.asyncio
async def test_a_footer_that_is_no_template_is_refused_when_it_is_set() -> None:
    settings = await book()
    with pytest.raises(SettingsError) as refused:
        await settings.change({"brand_footer": "Bye {{ product"})
    assert refused.value.field == "brand_footer"
    assert await branding_for(settings) == Branding()


@pytest.mark.asyncio
async def test_without_settings_it_is_the_usual_look() -> None:
    assert await branding_for(await book()) == Branding()


@pytest.mark.asyncio
async def test_a_look_makes_no_connection_and_does_not_disturb_one() -> None:
    settings = await book()
    await settings.change({"brand_product": "Acme"}, "acme")
    assert (await settings.effective(Endpoint.NOTIFICATION, "acme")).is_empty
    await settings.change({"host": "mail.example.org", "user": "a", "password": "b"})
    connection = await settings.get("acme/notification")
    assert connection.host == "mail.example.org"
    assert connection.credentials != type(connection)(host="x").credentials


@pytest.mark.parametrize(
    "name, value",
    [
        ("brand_accent_colour", "red"),
        ("brand_page_colour", "#12345"),
        ("brand_logo", "http://example.org/logo.png"),
        ("brand_logo", "javascript:alert(1)"),
        ("brand_website", "mailto:a@b.example"),
        ("brand_website", "https://exa mple.org/"),
        ("brand_font", "x; } body { display: none"),
        ("brand_logo_width", 641),
        ("brand_logo_width", 0),
        ("brand_footer", "x" * 5000),
        ("brand_footer", 3),
    ],
)
def test_what_would_break_the_frame_is_refused_when_it_is_set(name: str, value: object) -> None:
    with pytest.raises(SettingsError) as refused:
        apply_change(Change(set={name: value}), ScopeSettings(), [])
    assert refused.value.field == name


def test_what_is_set_is_always_a_look() -> None:
    given = {
        "brand_product": "Acme & Sons",
        "brand_logo": "https://acme.example/logo.png",
        "brand_logo_width": 640,
        "brand_website": "http://acme.example/",
        "brand_website_label": "acme.example",
        "brand_contact": "abuse@acme.example",
        "brand_footer": "{{ product }}\nQuote {{ report_id }}",
        "brand_font": "Inter, Arial, sans-serif",
        **{name: "#abc" for name in BRAND if name.endswith("colour")},
    }
    assert set(given) == BRAND
    changed = apply_change(Change(set=given), ScopeSettings(), [])
    assert branding_of(changed.effective).product == "Acme & Sons"
