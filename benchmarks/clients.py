"""Who is measured: every client's name and how it is started."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.sinks.launch import SMTP_SINK

PEERS = Path(__file__).resolve().parent / "peers"
INSTALLED = PEERS.parent / ".peers" / "node_modules" / "nodemailer"


@dataclass(frozen=True, slots=True)
class Client:
    """A program that keeps the contract of `benchmarks.peers`."""

    name: str
    program: tuple[str, ...]
    missing: str = ""
    """Why it cannot run here; empty when it can."""

    @property
    def is_eilbote(self) -> bool:
        """Whether it is ours, and the others are its peers."""
        return self.name.startswith("eilbote")


def _python(name: str, module: str, *options: str, missing: str = "") -> Client:
    return Client(name, (sys.executable, "-m", f"benchmarks.peers.{module}", *options), missing)


def _node(name: str, script: str) -> Client:
    there = shutil.which("node") and INSTALLED.exists()
    missing = "" if there else "Node or the package nodemailer is not installed"
    return Client(name, ("node", str(PEERS / script)), missing)


EILBOTE = _python("eilbote, uvloop", "eilbote_peer", "--loop", "uvloop")
EILBOTE_ASYNCIO = _python("eilbote, asyncio", "eilbote_peer", "--loop", "asyncio")
EILBOTE_MANY = _python("eilbote, send_many", "eilbote_peer", "--call", "send_many")
EILBOTE_WINDOW = _python("eilbote, window 32", "eilbote_peer", "--window", "32")
EILBOTE_MANY_WINDOW = _python(
    "eilbote, send_many, window 32", "eilbote_peer", "--call", "send_many", "--window", "32"
)
EILBOTE_RELAY = _python("eilbote, outbox", "eilbote_relay")
EILBOTE_COMPOSER = _python("eilbote", "eilbote_composer")
EILBOTE_SERIES_COMPOSER = _python("eilbote, series", "eilbote_composer", "--call", "series")

NODEMAILER = _node("nodemailer", "nodemailer_peer.cjs")
NODEMAILER_COMPOSER = _node("MailComposer", "nodemailer_composer.cjs")
SMTPLIB = _python("smtplib", "smtplib_peer")
AIOSMTPLIB = _python("aiosmtplib", "aiosmtplib_peer")
EMAIL_MESSAGE = _python("email.message", "email_message_composer")
POSTFIX_RELAY = _python(
    "Postfix, as a relay",
    "postfix_relay",
    missing="" if SMTP_SINK else "the package postfix is not installed",
)
SMTP_SOURCE = _python(
    "smtp-source", "smtp_source_peer", missing="" if SMTP_SINK else "the package postfix is not installed"
)
