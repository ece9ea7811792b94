"""Exercises of :class:`~eilbote.settings.scope.SettingsStore`."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

from eilbote.errors import ConflictError
from eilbote.model.secret import Secret
from eilbote.settings.scope import HOST, ScopeSettings
from eilbote.testing.expectation import expect, holds, refused
from eilbote.testing.records_exercises.scene import NOW, Exercise, Kept, at, opened


async def a_scope_that_said_nothing_has_said_nothing(kept: Kept) -> None:
    """Version 0, of whichever scope; and it is not among the organizations."""
    async with opened(kept) as records:
        expect(await records.settings.read(), ScopeSettings(), "nor has the host")
        expect(
            await records.settings.read("acme"), ScopeSettings(organization="acme"), "nor has an organization"
        )
        expect(await records.settings.organizations(), (), "so none is told")


async def what_a_scope_says_is_kept(kept: Kept) -> None:
    """Values, secrets, locked fields, and that its own hold; each scope apart."""
    async with opened(kept) as records:
        host = await records.settings.write(
            ScopeSettings(
                plain={"host": "mail.example.org", "port": 465, "timeout": 2.5, "verify": True},
                secrets={"password": Secret("of the höst")},
                locked=frozenset({"host", "port"}),
            ),
            now=NOW,
        )
        acme = await records.settings.write(
            ScopeSettings(organization="acme", custom=False, secrets={"password": Secret("of acme")}),
            now=at(1),
        )
        await records.settings.write(
            ScopeSettings(organization="Ärmel", plain={"from": "a@example.org"}), now=at(1)
        )
        expect((host.version, host.changed, acme.version), (1, NOW, 1), "versions begin with 1")
    async with opened(kept) as records:
        expect(await records.settings.read(HOST), host, "the host's")
        expect(
            await records.settings.read("acme"), acme, "an organization's, though it does not hold for now"
        )
        expect(await records.settings.organizations(), ("acme", "Ärmel"), "sorted, without the host")
        await records.settings.write(replace(acme, secrets={}, custom=True), now=at(2))
        expect((await records.settings.read("acme")).secrets, {}, "a secret that is left out is gone")
        expect(await records.settings.organizations(), ("Ärmel",), "who has nothing to say is not told")
        expect(await records.settings.read(HOST), host, "the host's is left alone")


async def who_writes_over_newer_settings_is_told(kept: Kept) -> None:
    """Of two who have read the same version, one writes, the first version included."""
    for round_ in range(2):
        async with opened(kept) as one, opened(kept) as two:
            read = await one.settings.read("acme")
            ends = await asyncio.gather(
                one.settings.write(replace(read, plain={"host": "one"}), now=at(round_)),
                two.settings.write(replace(read, plain={"host": "two"}), now=at(round_)),
                return_exceptions=True,
            )
            expect(sum(isinstance(end, ConflictError) for end in ends), 1, "exactly one is told")
            holds(await two.settings.read("acme") in ends, "the other one's is there")
            await refused(
                one.settings.write(read, now=at(9)), ConflictError, "a version is written over once"
            )


async def a_scope_that_is_reset_says_nothing_any_more(kept: Kept) -> None:
    """Its secrets are gone as well, others' are not, and whoever has read it before writes nothing over it."""
    async with opened(kept) as records:
        expect(await records.settings.remains("acme"), None, "nothing remains of who never said anything")
        holds(not await records.settings.reset("acme", now=NOW), "of which there is nothing to forget")
        said = ScopeSettings(
            organization="acme",
            custom=False,
            plain={"host": "mail.example.org"},
            secrets={"password": Secret("of acme"), "client_secret": Secret("as well")},
        )
        acme = await records.settings.write(said, now=NOW)
        host = await records.settings.write(
            ScopeSettings(secrets={"password": Secret("of the host")}, locked=frozenset({"host"})), now=NOW
        )
        remains = await records.settings.remains("acme")
        expect(remains and remains.secrets, ("client_secret", "password"), "of secrets only the names")
        expect(remains and json.loads(remains.plain), {"host": "mail.example.org"}, "of values everything")
        before = await records.connections.revision()
        holds(await records.settings.reset("acme", now=at(1)), "there was something")
        holds(await records.connections.revision() != before, "everybody is told to look again")
        expect(
            await records.settings.read("acme"),
            ScopeSettings(organization="acme", changed=at(1), version=acme.version + 1),
            "and nothing is left of it",
        )
        expect(await records.settings.organizations(), (), "it is not told of any more")
        expect(await records.settings.read(), host, "the host's is left alone")
        await refused(
            records.settings.write(acme, now=at(2)), ConflictError, "what was read before is not written back"
        )


EXERCISES: tuple[Exercise, ...] = (
    a_scope_that_said_nothing_has_said_nothing,
    what_a_scope_says_is_kept,
    who_writes_over_newer_settings_is_told,
    a_scope_that_is_reset_says_nothing_any_more,
)
