"""What a program writes that takes messages by HTTP and keeps each in a table: FastAPI, one row, one commit that is on the disk.

It composes nothing, knows no keys, no organizations and no idempotency, and delivers nothing: a lower bound for whoever keeps what was
accepted. Prints its port.
"""

import argparse
import json
import socket
import sqlite3

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Message(BaseModel):
    """A message as it is handed in."""

    sender: str
    to: str
    subject: str
    text: str
    html: str


def application(database: sqlite3.Connection) -> FastAPI:
    """Make the endpoint."""
    app = FastAPI()

    @app.post("/messages", status_code=202)
    async def submit(message: Message) -> dict[str, int]:
        with database:
            row = database.execute(
                "INSERT INTO messages (body) VALUES (?)", (json.dumps(message.model_dump()),)
            )
        return {"id": row.lastrowid or 0}

    return app


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    database = sqlite3.connect(parser.parse_args().database)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(application(database), http="h11", access_log=False, log_config=None)
    uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main()
