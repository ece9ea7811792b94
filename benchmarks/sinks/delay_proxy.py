"""A link with a long round trip: passes octets between client and sink, each way a delay later.

The bandwidth is not limited, and the octets of one read stay together. Run with the sink's port;
prints the port it was given. The connection itself costs no round trip: only what is said over it.
"""

import argparse
import asyncio
from collections import deque

READ_SIZE = 1024 * 1024


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Write each read to the other side `delay` seconds after it came in."""
    loop = asyncio.get_running_loop()
    on_the_way: deque[bytes] = deque()

    def arrive() -> None:
        octets = on_the_way.popleft()
        if octets:
            writer.write(octets)
        else:
            writer.close()

    # One timer for each read; which timer fires first does not matter, the queue keeps the order.
    octets = b"begin"
    while octets:
        octets = await reader.read(READ_SIZE)
        on_the_way.append(octets)
        loop.call_later(delay, arrive)


async def serve(port: int, delay: float) -> None:
    """Listen on a free port of the loopback, print it, relay to `port` until ended."""

    async def on_connection(client_reader: asyncio.StreamReader, client_writer: asyncio.StreamWriter) -> None:
        sink_reader, sink_writer = await asyncio.open_connection("127.0.0.1", port, limit=READ_SIZE)
        await asyncio.gather(
            relay(client_reader, sink_writer, delay), relay(sink_reader, client_writer, delay)
        )

    server = await asyncio.start_server(on_connection, "127.0.0.1", 0, limit=READ_SIZE)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int, help="port of the sink")
    parser.add_argument("--delay", type=float, default=0.025, help="seconds, each way")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.delay))


if __name__ == "__main__":
    main()
