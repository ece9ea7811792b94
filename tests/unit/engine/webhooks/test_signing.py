"""Signatures that any receiver of Standard Webhooks can check."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace

from eilbote.engine.webhooks.signing import new_secret, signed_fields
from eilbote.model.moment import Moment
from eilbote.model.secret import Secret
from eilbote.record.webhook import HookDelivery, Webhook

NOW = Moment(1_731_705_121_999)
HOOK = Webhook(
    id="1",
    organization="",
    url="https://example.org",
    secret=Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    created=NOW,
    changed=NOW,
)
DELIVERY = HookDelivery(
    id="msg_1",
    webhook="1",
    organization="",
    event="webhook.test",
    body='{"a":"\\u00e4"}',
    created=NOW,
    due=NOW,
)


def signature(secret: str, said: str) -> str:
    """Sign as the specification says, without the library."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(key, said.encode(), hashlib.sha256).digest()).decode()


def test_id_time_and_body_are_signed() -> None:
    fields = dict(signed_fields(HOOK, DELIVERY, now=NOW))
    assert fields == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1731705121",
        "webhook-signature": signature(HOOK.secret.reveal(), f"msg_1.1731705121.{DELIVERY.body}"),
    }


def test_while_a_secret_is_replaced_both_sign_and_then_one() -> None:
    former = new_secret()
    hook = replace(HOOK, former_secret=former, former_until=Moment(NOW + 1))
    said = f"msg_1.1731705121.{DELIVERY.body}"
    assert dict(signed_fields(hook, DELIVERY, now=NOW))["webhook-signature"].split(" ") == [
        signature(HOOK.secret.reveal(), said),
        signature(former.reveal(), said),
    ]
    assert " " not in dict(signed_fields(hook, DELIVERY, now=Moment(NOW + 1)))["webhook-signature"]


def test_secrets_are_as_long_as_the_specification_wants_and_never_the_same() -> None:
    made = {new_secret().reveal() for _ in range(20)}
    assert len(made) == 20
    assert all(24 <= len(base64.b64decode(each.removeprefix("whsec_"))) <= 64 for each in made)
