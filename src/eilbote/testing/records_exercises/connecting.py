"""Exercises of :class:`~eilbote.connections.stored.ConnectionStore`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from eilbote.connections.stored import ConnectionLabel, StoredConnection
from eilbote.errors import ConflictError, OutboxUnavailableError
from eilbote.model.secret import Secret
from eilbote.testing.expectation import expect, holds, refused
from eilbote.testing.records_exercises.scene import NOW, Exercise, Kept, at, office, opened

DIFFICULT: Final = {
    "empty": "",
    "letters of all the world": "pässwörd Ω 日本 \U0001f600",
    "what means something elsewhere": "a\0b\r\n\x01'\";--%00\\",
    "half of a letter": "\ud83d",
    "a key of 100 kB": "k" * 100_000,
}


async def a_connection_is_kept_as_it_was_said(kept: Kept) -> None:
    """With its secrets, for every handle, and after all were closed."""
    async with opened(kept) as records:
        expect(await records.connections.find("", "office"), None, "nothing is there at first")
        new = await records.connections.keep(office(), now=NOW)
        expect(
            (new.created, new.changed, new.version),
            (NOW, NOW, 1),
            "it says when it was kept, and its version",
        )
        async with opened(kept) as others:
            expect(await others.connections.find("", "office"), new, "another handle finds it at once")
        changed = await records.connections.keep(replace(new, plain={"uri": "x"}, enabled=False), now=at(5))
        expect((changed.created, changed.changed, changed.version), (NOW, at(5), 2), "each change is counted")
    async with opened(kept) as records:
        expect(await records.connections.find("", "office"), changed, "it outlasts closing")
        expect(await records.connections.find("acme", "office"), None, "it is nobody else's")


async def every_secret_comes_back_as_it_was(kept: Kept) -> None:
    """Whatever letters it has, and however long it is."""
    one = replace(office(), secrets={name: Secret(text) for name, text in DIFFICULT.items()})
    async with opened(kept) as records:
        await records.connections.keep(one, now=NOW)
    async with opened(kept) as records:
        found = await records.connections.find("", "office")
        texts = {} if found is None else {name: secret.reveal() for name, secret in found.secrets.items()}
        holds(texts == DIFFICULT, "secrets come back octet by octet")


async def every_plain_field_comes_back_as_it_was(kept: Kept) -> None:
    """Text, number, and yes or no keep their kinds."""
    fields: dict[str, str | int | float | bool] = {
        "text": "\0 \ud83d 日本",
        "number": 2**40,
        "float": 0.1,
        "yes": True,
    }
    async with opened(kept) as records:
        await records.connections.keep(replace(office(), plain=fields), now=NOW)
        found = await records.connections.find("", "office")
        got = {} if found is None else {name: (type(value), value) for name, value in found.plain.items()}
        expect(got, {name: (type(value), value) for name, value in fields.items()}, "kinds and values stay")


async def a_name_is_used_once_in_each_organization(kept: Kept) -> None:
    """The host's, and each organization's, are their own; the second of one name is told."""
    async with opened(kept) as records:
        store = records.connections
        await store.keep(office(), now=NOW)
        await store.keep(office("acme"), now=NOW)
        await store.keep(office("beta", "billing"), now=NOW)
        error = await refused(
            store.keep(office(password="other"), now=at(1)),  # noqa: S106 - of nobody
            ConflictError,
            "a name is taken once",
        )
        expect(error.field, "name", "the error names the field")
        everything = [one.qualified_name for one in await store.connections()]
        expect(everything, ["acme/office", "beta/billing", "office"], "all are told, sorted")
        for organization, names in (("", ["office"]), ("acme", ["acme/office"]), ("nobody", [])):
            found = [one.qualified_name for one in await store.connections(organization)]
            expect(found, names, f"those of {organization or 'the host'} alone")
        first = await store.find("", "office")
        expect(
            first is not None and first.secrets["password"].reveal(),
            "a password",
            "the first is left as it was",
        )


async def who_changes_what_has_changed_is_told(kept: Kept) -> None:
    """Of two who have read the same version, one writes; and nothing of the other's is kept, secrets included."""
    async with opened(kept) as one, opened(kept) as two:
        read = await one.connections.keep(office(), now=NOW)
        first = replace(read, plain={"host": "one"}, secrets={"password": Secret("one")})
        second = replace(read, plain={"host": "two"}, secrets={"password": Secret("two")})
        ends = await asyncio.gather(
            one.connections.keep(first, now=at(1)),
            two.connections.keep(second, now=at(1)),
            return_exceptions=True,
        )
        expect(sum(isinstance(end, ConflictError) for end in ends), 1, "exactly one is told")
        kept_one = next(end for end in ends if isinstance(end, StoredConnection))
        expect(await two.connections.find("", "office"), kept_one, "the other one's is there, whole")
        await one.connections.drop("", "office")
        await refused(
            one.connections.keep(kept_one, now=at(2)),
            ConflictError,
            "what was removed does not come back by a change",
        )
        expect(await two.connections.connections(), (), "nothing of it is kept")


async def one_connection_is_the_default(kept: Kept) -> None:
    """Of each organization; whoever becomes it takes its place, and the former is changed by that."""
    async with opened(kept) as records:
        store = records.connections
        first = await store.keep(office(is_default=True), now=NOW)
        acme = await store.keep(office("acme", is_default=True), now=NOW)
        second = await store.keep(office(name="backup", is_default=True), now=at(1))
        defaults = [one.qualified_name for one in await store.connections() if one.is_default]
        expect(defaults, ["acme/office", "backup"], "the newest is the default, of its organization")
        expect(await store.find("acme", "office"), acme, "another organization's is left alone")
        await refused(
            store.keep(replace(first, plain={}), now=at(2)), ConflictError, "losing the place is a change"
        )
        former = await store.find("", "office")
        expect(former is not None and former.secrets, first.secrets, "and it keeps its secrets")
        await store.keep(replace(second, is_default=False), now=at(3))
        defaults = [one.qualified_name for one in await store.connections() if one.is_default]
        expect(defaults, ["acme/office"], "there may be none")


async def many_who_become_the_default_at_once_leave_one(kept: Kept) -> None:
    """Nobody fails over it."""
    async with opened(kept) as one, opened(kept) as two:
        await asyncio.gather(
            *(
                records.connections.keep(office(name=f"n{number}-{side}", is_default=True), now=NOW)
                for number in range(5)
                for side, records in enumerate((one, two))
            )
        )
        every = await one.connections.connections()
        expect(
            (len(every), sum(each.is_default for each in every)), (10, 1), "all are kept, one is the default"
        )


async def labels_tell_what_there_is(kept: Kept) -> None:
    """Of the host and of every organization, without anything that would have to be decrypted."""
    async with opened(kept) as records:
        expect(await records.connections.labels(), (), "nothing is there at first")
        theirs = replace(office(), organization="acme", enabled=False, is_default=True)
        for one in (office(), theirs, replace(theirs, version=1)):
            await records.connections.keep(one, now=NOW)
        expect(
            await records.connections.labels(),
            (
                ConnectionLabel(
                    organization="acme", name="office", enabled=False, is_default=True, version=2
                ),
                ConnectionLabel(name="office", version=1),
            ),
            "each is told",
        )


async def a_connection_that_is_dropped_is_gone(kept: Kept) -> None:
    """With its secrets: one of the same name that comes later has none of them."""
    async with opened(kept) as records:
        store = records.connections
        await store.keep(office(), now=NOW)
        await store.keep(office("acme"), now=NOW)
        holds(await store.drop("", "office"), "there was one")
        holds(not await store.drop("", "office"), "there is none any more")
        await store.keep(office(password=""), now=NOW)
        again = await store.find("", "office")
        expect(again is not None and dict(again.secrets), {}, "it has no secret of its predecessor")
        acme = await store.find("acme", "office")
        holds(acme is not None and bool(acme.secrets), "the other one is as it was")


async def the_revision_grows_with_every_change(kept: Kept) -> None:
    """Of a connection or of settings, by whatever handle; reading changes nothing."""
    async with opened(kept) as records, opened(kept) as others:
        store = records.connections
        seen = [await store.revision()]

        async def grown(what: str) -> None:
            now = await others.connections.revision()
            holds(now > seen[-1], f"it grows when {what}")
            seen.append(now)

        new = await store.keep(office(), now=NOW)
        await grown("one is added")
        await store.keep(replace(new, enabled=False), now=NOW)
        await grown("one is changed")
        await store.drop("", "office")
        await grown("one is removed")
        await records.settings.write(await records.settings.read("acme"), now=NOW)
        await grown("settings are written")
        await store.connections()
        await records.settings.read()
        expect(await store.revision(), seen[-1], "reading is no change")


async def closed_records_say_so(kept: Kept) -> None:
    """An OutboxUnavailableError; closing again does no harm, and they can be opened again."""
    records = kept()
    await records.open()
    await records.close()
    await records.close()
    try:
        await records.connections.find("", "office")
    except OutboxUnavailableError:
        pass
    else:
        raise AssertionError("closed records raise OutboxUnavailableError")
    await records.open()
    expect(await records.connections.connections(), (), "they work again")
    await records.close()


EXERCISES: tuple[Exercise, ...] = (
    a_connection_is_kept_as_it_was_said,
    every_secret_comes_back_as_it_was,
    every_plain_field_comes_back_as_it_was,
    a_name_is_used_once_in_each_organization,
    who_changes_what_has_changed_is_told,
    one_connection_is_the_default,
    many_who_become_the_default_at_once_leave_one,
    labels_tell_what_there_is,
    a_connection_that_is_dropped_is_gone,
    the_revision_grows_with_every_change,
    closed_records_say_so,
)
