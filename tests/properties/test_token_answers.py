"""Whatever a token endpoint says: a token that is one, or an error that says what to do; never anything else."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from eilbote.errors import Scope, TokenError
from eilbote.model.moment import Moment, later
from eilbote.model.oauth2 import RefreshTokenGrant
from eilbote.model.redactor import Redactor
from eilbote.model.secret import Secret
from eilbote.oauth2.answer import Answer, read_answer
from eilbote.oauth2.renewal import Refuse, Renew, Use, decide, failed, renewed
from eilbote.oauth2.token import Token, TokenRecord

ASKED = Moment(1_700_000_000_000)
SENT = "refresh-token-that-was-sent"
GRANT = RefreshTokenGrant(client_id="app", refresh_token=Secret(SENT))
HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
SAFE = re.compile(r"[\x21-\x7e]+")

TEXTS = st.text() | st.sampled_from(
    [SENT, f"x{SENT}y", "invalid_grant", "Bearer", "abc.def", "a\r\nb", "a\x01b"]
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)
NAMES = st.sampled_from(
    ["access_token", "refresh_token", "expires_in", "token_type", "error", "error_description"]
)
OBJECTS = st.dictionaries(NAMES | st.text(max_size=3), VALUES, max_size=6).map(
    lambda said: json.dumps(said).encode()
)
BODIES = st.binary(max_size=200) | OBJECTS | VALUES.map(lambda said: json.dumps(said).encode())
ANSWERS = st.builds(
    Answer,
    status=st.sampled_from([200, 400, 401]) | st.integers(100, 599),
    kind=st.text(max_size=20),
    retry_after=st.none() | st.floats(allow_nan=False),
    body=BODIES,
)


def read(answer: Answer) -> Token | TokenError:
    try:
        return read_answer(
            answer, grant=GRANT, asked=ASKED, server="a.example:443", redactor=Redactor([SENT])
        )
    except TokenError as error:
        return error


@given(ANSWERS)
def test_an_answer_is_a_token_or_an_error(answer: Answer) -> None:
    result = read(answer)
    if isinstance(result, Token):
        assert answer.status == 200
        assert SAFE.fullmatch(result.access_token.reveal())
        assert result.expires is None or ASKED <= result.expires <= later(ASKED, 24 * 3600)
        if result.refresh_token is not None:
            assert re.fullmatch(r"[\x20-\x7e]+", result.refresh_token.reveal())
    else:
        assert result.scope is Scope.SITE
        assert result.field
        assert result.cause
        assert result.remedy
        assert SENT not in str(result)
        assert not HARMFUL.search(str(result))
        assert result.retry_after is None or 0 <= result.retry_after <= 24 * 3600


@given(st.lists(st.tuples(ANSWERS, st.floats(0, 7200)), max_size=8))
def test_whatever_came_before_there_is_a_decision_and_refresh_tokens_are_never_lost(
    events: list[tuple[Answer, float]],
) -> None:
    """Each answer is kept as the provider would keep it: the newest refresh token stays, whatever follows."""
    from eilbote.model.oauth2 import OAuth2

    credentials = OAuth2(user="anna", grant=GRANT, token_url="https://a.example/")
    record: TokenRecord | None = None
    newest: Secret | None = None
    now = ASKED
    for answer, seconds in events:
        now = later(now, seconds)
        decision = decide(record, credentials, now=now)
        assert isinstance(decision, Use | Refuse | Renew)
        if not isinstance(decision, Renew):
            continue
        assert decision.refresh_token == newest
        result = read(answer)
        if isinstance(result, Token):
            newest = result.refresh_token or newest
            record = renewed(record or TokenRecord(), result, now=now)
        else:
            record = failed(record or TokenRecord(), result, now=now, unheard_since=None)
            assert isinstance(decide(record, credentials, now=now), Use | Refuse)
