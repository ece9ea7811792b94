"""What came of it all: the acknowledgements and the outbox, judged by what the server really took."""

from collections import Counter
from dataclasses import asdict, dataclass, field

from tests.torture.scripted_server import Taken

from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.entry import Entry
from eilbote.outbox.rescue import MOST_DOUBTS
from eilbote.outbox.store import EntryFilter, OutboxStore

_PAGE = 500


@dataclass(slots=True)
class Verdict:
    """What was found; everything but the counts must be empty.

    Attributes:
        acknowledged: Messages whose submission returned.
        taken: Messages times recipients the server took.
        in_doubt: Attempts at a recipient recorded as in doubt.
        twice: Messages times recipients that were taken more than once, all of them recorded.
        held: Messages times recipients that were in doubt so often that a person has to decide.
        lost: In the outbox, not taken, and not held for their doubts.
        silent_duplicates: Taken more often than the outbox has a record for.
        wrong_claims: The outbox says accepted, and the server did not take it; or it says neither that nor in doubt.
        strangers: Entries that nobody submitted, or twice.
    """

    acknowledged: int = 0
    taken: int = 0
    in_doubt: int = 0
    twice: int = 0
    held: int = 0
    lost: list[str] = field(default_factory=list)
    silent_duplicates: list[str] = field(default_factory=list)
    wrong_claims: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.silent_duplicates or self.wrong_claims or self.strangers)

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


async def judge(store: OutboxStore, taken: list[Taken], acknowledged: dict[int, str]) -> Verdict:
    """Compare what was acknowledged, what the outbox says, and what the server took."""
    counts = Counter(taken)
    verdict = Verdict(acknowledged=len(acknowledged), taken=len(taken))
    verdict.twice = sum(count > 1 for count in counts.values())
    entries = await _all_entries(store)
    by_id = Counter(entry.message_id for entry in entries)
    by_key = Counter(entry.idempotency_key for entry in entries)
    verdict.strangers += [f"{name} is there {count} times" for name, count in by_key.items() if count > 1]
    verdict.strangers += [
        f"{message_id} was acknowledged as {number} and is not in the outbox"
        for number, message_id in acknowledged.items()
        if message_id not in by_id
    ]
    known = {
        Taken(entry.message_id, recipient.address) for entry in entries for recipient in entry.recipients
    }
    verdict.strangers += [f"{one} was taken and is not in the outbox" for one in counts.keys() - known]
    for entry in entries:
        _judge_entry(entry, counts, verdict)
    return verdict


def _judge_entry(entry: Entry, counts: Counter[Taken], verdict: Verdict) -> None:
    most_doubts = max(recipient.in_doubt for recipient in entry.recipients)
    for recipient in entry.recipients:
        times = counts[Taken(entry.message_id, recipient.address)]
        name = f"{entry.idempotency_key} to {recipient.address}"
        verdict.in_doubt += recipient.in_doubt
        is_held = (
            entry.state is EntryState.HELD
            and recipient.status is RecipientStatus.IN_DOUBT
            and most_doubts >= MOST_DOUBTS
        )
        verdict.held += is_held
        if times == 0 and not is_held:
            verdict.lost.append(f"{name}: {entry.state}, {recipient.status}")
        if times > 1 + recipient.in_doubt:
            verdict.silent_duplicates.append(f"{name}: taken {times} times, {recipient.in_doubt} in doubt")
        says_so = recipient.status is RecipientStatus.ACCEPTED
        if says_so != (times > 0) and not is_held:
            verdict.wrong_claims.append(f"{name}: {entry.state}, {recipient.status}, taken {times} times")


async def _all_entries(store: OutboxStore) -> list[Entry]:
    entries: list[Entry] = []
    while page := await store.entries(
        EntryFilter(), limit=_PAGE, after=entries[-1].id if entries else None, newest_first=False
    ):
        entries += page
    return entries
