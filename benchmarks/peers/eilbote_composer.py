"""Composition alone, with eilbote's `Composer`: a draft each, or a series from one draft.

The composer is no public name: it is reached here as the mailer reaches it.
"""

from collections.abc import Iterator
from secrets import token_hex

import eilbote
from benchmarks.peers.contract import Options, Usage, measured, read_options, report, resident_kib
from benchmarks.peers.eilbote_content import draft, pattern, recipients
from eilbote import BodyKind, Message
from eilbote.compose.composer import Composer
from eilbote.engine.system_clock import SystemClock


class RandomIds:
    """96 random bits at each call."""

    def token(self) -> str:
        """Give them as digits and letters."""
        return token_hex(12)


def messages(composer: Composer, options: Options, numbers: range) -> Iterator[Message]:
    if options.extra["call"] == "series":
        series = composer.series(pattern(options.shape), body=BodyKind.EIGHT_BIT)
        return (series.compose(recipient).message for recipient in recipients(numbers))
    return (
        composer.compose(draft(options.shape, number), body=BodyKind.EIGHT_BIT).message for number in numbers
    )


def main() -> None:
    options = read_options(call=("compose", "series"))
    usage = Usage(
        messages=options.count,
        version=f"eilbote {eilbote.__version__}",
        idle_rss_kib=resident_kib("VmRSS"),
    )
    composer = Composer(clock=SystemClock(), ids=RandomIds())

    def run(numbers: range) -> None:
        for message in messages(composer, options, numbers):
            message.octets()

    run(range(options.count, options.count + options.warmup))
    with measured(usage):
        run(range(options.count))
    report(usage)


if __name__ == "__main__":
    main()
