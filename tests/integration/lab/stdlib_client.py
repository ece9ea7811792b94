"""An SMTP client made of the standard library, to judge the laboratory by: independent of eilbote in every line.

smtplib logs in with ASCII only and knows neither SCRAM nor tokens, hence the few lines for them here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import smtplib
import ssl

import spnego
from tests.integration.lab.accounts import USERS
from tests.integration.lab.endpoint import Endpoint, Security

SENDER = "sender@lab.example"
MESSAGE = (
    "From: Sender <sender@lab.example>\r\n"
    "To: somebody@lab.example\r\n"
    "Bcc: kept@lab.example\r\n"
    "Date: Fri, 1 Jan 2027 12:00:00 +0000\r\n"
    "Message-ID: <1@lab.example>\r\n"
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
    "\r\n"
    "Grüße aus dem Labor\r\n"
    ".begins with a dot\r\n"
    f"{'x' * 990}\r\n"
    "\r\n"
    "no more\r\n"
).encode()


def open_session(endpoint: Endpoint, context: ssl.SSLContext | None = None) -> smtplib.SMTP:
    """A session that has said EHLO, behind TLS where the port has it."""
    if endpoint.ca_file is not None and context is None:
        context = ssl.create_default_context(cafile=str(endpoint.ca_file))
    session: smtplib.SMTP
    if endpoint.security is Security.TLS:
        session = smtplib.SMTP_SSL(endpoint.host, endpoint.port, timeout=20, context=context)
    else:
        session = smtplib.SMTP(endpoint.host, endpoint.port, timeout=20)
    try:
        session.ehlo()
        if endpoint.security is Security.STARTTLS:
            session.starttls(context=context)
            session.ehlo()
    except BaseException:
        session.close()
        raise
    return session


def extensions(endpoint: Endpoint) -> set[str]:
    """The keywords that a port announces."""
    with open_session(endpoint) as session:
        return {keyword.upper() for keyword in session.esmtp_features}


def say(session: smtplib.SMTP, text: bytes) -> tuple[int, bytes]:
    """Send one base64 line of an AUTH exchange; returns the code and the decoded challenge or the plain text."""
    code, reply = session.docmd(base64.b64encode(text).decode("ascii"))
    return code, base64.b64decode(reply) if code == 334 else reply


def log_in(session: smtplib.SMTP, mechanism: str, user: str, password: str) -> int:
    """Authenticate in UTF-8, which smtplib itself cannot; returns the last reply code."""
    code, reply = session.docmd("AUTH", mechanism)
    assert code == 334, reply
    name, secret = user.encode(), password.encode()
    match mechanism:
        case "PLAIN":
            return say(session, b"\0" + name + b"\0" + secret)[0]
        case "LOGIN":
            say(session, name)
            return say(session, secret)[0]
        case "CRAM-MD5":
            digest = hmac.new(secret, base64.b64decode(reply), "md5").hexdigest()
            return say(session, name + b" " + digest.encode())[0]
        case _:
            return scram(session, mechanism.removeprefix("SCRAM-").replace("-", ""), name, secret)


def scram(session: smtplib.SMTP, algorithm: str, name: bytes, secret: bytes) -> int:
    """RFC 5802 without channel binding; also checks that the server proves itself."""
    bare = b"n=" + name.replace(b"=", b"=3D").replace(b",", b"=2C") + b",r=" + secrets.token_hex(8).encode()
    code, first = say(session, b"n,," + bare)
    assert code == 334, first
    fields = dict(part.split(b"=", 1) for part in first.split(b","))
    without_proof = b"c=biws,r=" + fields[b"r"]
    signed = b",".join((bare, first, without_proof))
    salted = hashlib.pbkdf2_hmac(algorithm, secret, base64.b64decode(fields[b"s"]), int(fields[b"i"]))
    client_key = hmac.digest(salted, b"Client Key", algorithm)
    signature = hmac.digest(hashlib.new(algorithm, client_key).digest(), signed, algorithm)
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    code, last = say(session, without_proof + b",p=" + base64.b64encode(proof))
    if code != 334:
        return code
    server_key = hmac.digest(salted, b"Server Key", algorithm)
    assert last == b"v=" + base64.b64encode(hmac.digest(server_key, signed, algorithm))
    return session.docmd("")[0]


def bearer(mechanism: str, user: str, secret: str) -> bytes:
    if mechanism == "XOAUTH2":
        return f"user={user}\1auth=Bearer {secret}\1\1".encode()
    return f"n,a={user.replace('=', '=3D').replace(',', '=2C')},\1auth=Bearer {secret}\1\1".encode()


def ntlm(endpoint: Endpoint, user: str, password: str) -> int:
    client = spnego.client(user, password, protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
    with open_session(endpoint) as session:
        session.docmd("AUTH", "NTLM")
        code, challenge = say(session, client.step() or b"")
        assert code == 334, challenge
        return say(session, client.step(challenge) or b"")[0]


def send(endpoint: Endpoint, recipient: str) -> None:
    """Send MESSAGE, logged in where the port wants it."""
    with open_session(endpoint) as session:
        if session.has_extn("AUTH"):
            session.login(USERS["ordinary"].user, USERS["ordinary"].password)
        session.sendmail(
            SENDER, [recipient], MESSAGE, ["BODY=8BITMIME"] if session.has_extn("8BITMIME") else ()
        )
