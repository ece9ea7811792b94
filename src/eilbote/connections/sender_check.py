"""Whether receivers will believe a From address: SPF, DKIM and DMARC of its domain (RFC 7208, RFC 6376, RFC 7489).

Pure: it says which names to look up, takes the answers, and says what is not well. A warning here is advice and never
a fault, since nobody but the receiver decides, and since what a name server says today may be mended tomorrow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from eilbote.connections.spf import MOST_LOOKUPS, SpfRecord, is_spf, read_spf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.model.text_records import TextRecords

_MOST_QUESTIONS: Final = 40
"""Records that include each other would go on for ever; ten look-ups is all SPF allows."""
_POLICY: Final = re.compile(r"(?:^|;)\s*p\s*=\s*(none|quarantine|reject)\s*(?:;|$)", re.IGNORECASE)
_REVOKED: Final = re.compile(r"(?:^|;)\s*p\s*=\s*(?:;|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingProvider:
    """One table of ``sender_records.toml``, where the fields are explained."""

    name: str
    servers: tuple[str, ...]
    source: str
    spf: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderReview:
    """What was found about a domain.

    Attributes:
        seen: What is published, in a few words.
        warnings: What is not well and what to do about it, one sentence or two each; empty when all is.
    """

    seen: str
    warnings: tuple[str, ...] = ()


class SenderCheck:
    """The check of one From address; ask :meth:`questions` until there are none, then :meth:`review`.

    Args:
        domain: The domain of From, in ASCII.
        server: The host that mail is submitted to, by which a known provider is recognised.
        account_domain: The domain of the account that signs in; empty when it has none.
    """

    def __init__(self, domain: str, *, server: str, account_domain: str = "") -> None:
        self._domain = domain.lower().rstrip(".")
        self._account = account_domain.lower().rstrip(".")
        self._provider = provider_of(server)
        self._answers: dict[str, TextRecords] = {}

    # -- asking -------------------------------------------------------------------------------------------------------

    def questions(self) -> tuple[str, ...]:
        """Name what is to be looked up next, all at once."""
        wanted = dict.fromkeys((self._domain, *self._dmarc_names(), *self._dkim_names()))
        wanted.update(dict.fromkeys(self._spf_names()))
        room = _MOST_QUESTIONS - len(self._answers)
        return tuple(name for name in wanted if name not in self._answers)[: max(0, room)]

    def take(self, answers: Mapping[str, TextRecords]) -> None:
        """Take what the name servers said."""
        self._answers.update(answers)

    def _spf_names(self) -> Iterator[str]:
        for record in self._spf_tree().values():
            yield from record.follows

    def _spf_tree(self) -> dict[str, SpfRecord]:
        """Give what is known of the record and everything it includes, by name."""
        tree: dict[str, SpfRecord] = {}
        names = [self._domain]
        while names:
            name = names.pop()
            records = self._spf_of(name)
            if name not in tree and len(records) == 1:
                tree[name] = read_spf(records[0])
                names.extend(tree[name].follows)
        return tree

    def _spf_of(self, name: str) -> tuple[str, ...]:
        return tuple(filter(is_spf, self._texts(name)))

    def _texts(self, name: str) -> tuple[str, ...]:
        answer = self._answers.get(name)
        return () if answer is None else answer.texts

    def _dmarc_names(self) -> tuple[str, ...]:
        """Give the domain's own name and those above it, down to two labels: the nearest with a record speaks."""
        labels = self._domain.split(".")
        return tuple(f"_dmarc.{'.'.join(labels[at:])}" for at in range(max(1, len(labels) - 1)))[:5]

    def _dkim_names(self) -> tuple[str, ...]:
        selectors = self._provider.selectors if self._provider else ()
        return tuple(f"{selector}._domainkey.{self._domain}" for selector in selectors)

    # -- answering ----------------------------------------------------------------------------------------------------

    def review(self) -> SenderReview:
        """Say what was found."""
        own = self._answers.get(self._domain)
        if own is None or own.silence is not None:
            why = "nobody was asked" if own is None or own.silence is None else own.silence.value
            return SenderReview(
                seen=f"nothing is known of {self._domain}",
                warnings=(f"the records of {self._domain} could not be looked up: {why}.",),
            )
        if not own.exists:
            return SenderReview(
                seen=f"{self._domain} does not exist",
                warnings=(
                    (
                        f"the domain of From, {self._domain}, does not exist: most servers refuse mail from it. "
                        "Correct the address, or register the domain."
                    ),
                ),
            )
        parts = [self._review_spf(), self._review_dkim(), self._review_dmarc()]
        return SenderReview(
            seen="; ".join(part.seen for part in parts if part.seen),
            warnings=tuple(warning for part in parts for warning in part.warnings),
        )

    def _review_spf(self) -> SenderReview:
        records = self._spf_of(self._domain)
        wanted = self._provider.spf if self._provider else ()
        name = self._provider.name if self._provider else "the server that sends its mail"
        if not records:
            term = f"include:{wanted[0]} " if wanted else ""
            advice = (
                f"publish the TXT record 'v=spf1 {term}~all'" if term else f"publish one that names {name}"
            )
            return SenderReview(
                seen=f"no SPF record of {self._domain}",
                warnings=(f"{self._domain} has no SPF record, so anybody may pose as it: {advice}.",),
            )
        if len(records) > 1:
            return SenderReview(
                seen=f"{len(records)} SPF records of {self._domain}",
                warnings=(
                    (
                        f"{self._domain} has {len(records)} SPF records, which makes all of them void "
                        "(RFC 7208 section 4.5): merge them into one."
                    ),
                ),
            )
        tree = self._spf_tree()
        warnings = [*self._spf_faults(tree)]
        allowed = bool(wanted) and not tree.keys().isdisjoint(wanted)
        if wanted and not allowed and not any(wanted_one in self._unheard() for wanted_one in wanted):
            warnings.append(
                f"the SPF record of {self._domain} does not allow {name} to send: add include:{wanted[0]} to it."
            )
        return SenderReview(
            seen=f"the SPF record of {self._domain}" + (f" allows {name}" if allowed else " is there"),
            warnings=tuple(warnings),
        )

    def _spf_faults(self, tree: Mapping[str, SpfRecord]) -> Iterator[str]:
        lookups = sum(record.own_lookups for record in tree.values())
        if lookups > MOST_LOOKUPS:
            yield (
                f"the SPF record of {self._domain} needs {lookups} look-ups, and more than {MOST_LOOKUPS} make it void "
                "(RFC 7208 section 4.6.4): remove what no longer sends, or replace includes by addresses."
            )
        if any(record.allows_anybody for record in tree.values()):
            yield f"the SPF record of {self._domain} allows anybody to send ('+all'): end it in '~all' or '-all'."
        for record in tree.values():
            for name in record.follows:
                answer = self._answers.get(name)
                if answer is not None and answer.silence is None and not any(map(is_spf, answer.texts)):
                    yield (
                        f"the SPF record of {self._domain} includes {name}, which has none; that makes it void "
                        "(RFC 7208 section 5.2): remove the include."
                    )

    def _unheard(self) -> set[str]:
        return {name for name, answer in self._answers.items() if answer.silence is not None}

    def _review_dkim(self) -> SenderReview:
        names = self._dkim_names()
        if self._provider is None or not names:
            return SenderReview(seen="")
        if any(self._is_key(text) for name in names for text in self._texts(name)):
            return SenderReview(seen=f"a DKIM key for {self._provider.name} is there")
        if self._unheard().intersection(names):
            return SenderReview(seen="DKIM is not known")
        return SenderReview(
            seen=f"no DKIM key under the usual names of {self._provider.name}",
            warnings=(
                (
                    f"{self._domain} has no DKIM key under the names {self._provider.name} usually takes "
                    f"({', '.join(self._provider.selectors)}): switch DKIM on there, unless it uses another name."
                ),
            ),
        )

    @staticmethod
    def _is_key(text: str) -> bool:
        """Tell a key from a record for something else, and from a revoked one (RFC 6376 §3.6.1)."""
        return "p=" in text and not _REVOKED.search(text)

    def _review_dmarc(self) -> SenderReview:
        found = next(((name, texts) for name in self._dmarc_names() if (texts := self._dmarc_of(name))), None)
        if found is None:
            if self._unheard().intersection(self._dmarc_names()):
                return SenderReview(seen="DMARC is not known")
            return SenderReview(
                seen="no DMARC record",
                warnings=(
                    (
                        f"{self._domain} has no DMARC record, which large receivers want of whoever sends much: publish "
                        f"'v=DMARC1; p=none' as TXT record of _dmarc.{self._domain}."
                    ),
                ),
            )
        name, texts = found
        if len(texts) > 1:
            return SenderReview(
                seen=f"{len(texts)} DMARC records",
                warnings=(f"{name} has {len(texts)} DMARC records, so none counts: leave one.",),
            )
        policy = _POLICY.search("".join(texts))
        said = policy.group(1).lower() if policy else "none"
        return SenderReview(seen=f"DMARC policy {said}", warnings=tuple(self._alignment(said)))

    def _dmarc_of(self, name: str) -> tuple[str, ...]:
        return tuple(
            text for text in self._texts(name) if text.lower().replace(" ", "").startswith("v=dmarc1")
        )

    def _alignment(self, policy: str) -> Iterator[str]:
        """Warn where the account's provider will hardly sign as the domain of From (RFC 7489 §3.1)."""
        if policy == "none" or not self._account or _related(self._account, self._domain):
            return
        yield (
            f"{self._domain} asks receivers to {policy} mail that is not authenticated as its own, and the account is of "
            f"{self._account}: set From to an address of the account, or have {self._domain} set up there with DKIM."
        )


def _related(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def provider_of(server: str) -> SendingProvider | None:
    """Recognise a provider by a server's name."""
    host = server.lower().rstrip(".")
    for provider in providers():
        if any(host == name or host.endswith(f".{name}") for name in provider.servers):
            return provider
    return None


@cache
def providers() -> tuple[SendingProvider, ...]:
    """Give the table, read when first asked for."""
    import tomllib
    from importlib.resources import files

    text = files("eilbote.connections").joinpath("sender_records.toml").read_text("utf-8")
    return tuple(_read(table) for table in tomllib.loads(text)["provider"])


def _read(table: dict[str, Any]) -> SendingProvider:
    return SendingProvider(
        name=table["name"],
        servers=tuple(table["servers"]),
        source=table["source"],
        spf=tuple(table.get("spf", ())),
        selectors=tuple(table.get("selectors", ())),
    )
