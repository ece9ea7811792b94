"""A connection's retry policy: what it refuses, and every way in which it can be said."""

from typing import Any

import pytest

from eilbote.connections.connection import Connection
from eilbote.connections.retry_policy import RetryPolicy
from eilbote.errors import SettingsError


@pytest.mark.parametrize(
    "policy,field",
    [
        ({"first_seconds": 0}, "retry.first_seconds"),
        ({"first_seconds": True}, "retry.first_seconds"),
        ({"first_seconds": "60"}, "retry.first_seconds"),
        ({"first_seconds": 90_000, "cap_seconds": 100_000}, "retry.first_seconds"),
        ({"factor": 0.9}, "retry.factor"),
        ({"factor": float("nan")}, "retry.factor"),
        ({"factor": 11}, "retry.factor"),
        ({"cap_seconds": 59}, "retry.cap_seconds"),
        ({"cap_seconds": float("inf")}, "retry.cap_seconds"),
        ({"lifetime_seconds": 0}, "retry.lifetime_seconds"),
        ({"jitter": -0.1}, "retry.jitter"),
        ({"jitter": 0.6}, "retry.jitter"),
    ],
)
def test_what_is_no_schedule_is_refused(policy: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingsError) as caught:
        RetryPolicy(**policy)
    assert caught.value.field == field
    assert caught.value.remedy


SAID = RetryPolicy(first_seconds=30, factor=3, cap_seconds=3600, lifetime_seconds=7200, jitter=0)


def test_a_uri_says_it() -> None:
    connection = Connection.from_uri(
        "smtp://relay.intranet/?retry-first=30&retry-factor=3&retry-cap=3600&retry-lifetime=7200&retry-jitter=0"
        "&per-minute=30&per-day=500"
    )
    assert connection.retry == SAID
    assert (connection.limits.messages_per_minute, connection.limits.messages_per_day) == (30, 500)


def test_fields_say_it() -> None:
    connection = Connection.from_fields(
        {
            "host": "relay.intranet",
            "retryFirstSeconds": "30",
            "retry_factor": 3,
            "Retry-Cap-Seconds": 3600,
            "lifetimeSeconds": 7200.0,
            "retryJitter": "0",
            "messagesPerMinute": "30",
            "messages_per_day": 500,
        }
    )
    assert connection.retry == SAID
    assert (connection.limits.messages_per_minute, connection.limits.messages_per_day) == (30, 500)


def test_a_setting_beside_a_uri_is_refined_by_the_uri() -> None:
    connection = Connection.from_uri("smtp://relay.intranet/?retry-cap=1800", retry=SAID)
    assert connection.retry.cap_seconds == 1800
    assert connection.retry.first_seconds == 30


def test_a_connection_takes_it_and_nothing_else() -> None:
    assert Connection(host="relay.intranet", retry=SAID).retry is SAID
    with pytest.raises(SettingsError) as caught:
        Connection(host="relay.intranet", retry=60)  # type: ignore[arg-type]
    assert caught.value.field == "retry"
    assert Connection(host="relay.intranet").retry == RetryPolicy()
