"""What authentication replies mean is said once, and all who read it agree."""

from __future__ import annotations

import pytest

from eilbote.deliver.verdict import judge
from eilbote.errors import Durability, Scope
from eilbote.model.status import RecipientStatus
from eilbote.smtp.authentication_facts import AUTHENTICATION_FACTS, LOGIN_WANTED, AuthenticationFact
from eilbote.smtp.explain import explain
from eilbote.smtp.replies import Reply, enhanced_in


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "content"])
@pytest.mark.parametrize("code,fact", AUTHENTICATION_FACTS.items())
def test_all_who_classify_such_a_reply_agree(code: int, fact: AuthenticationFact, stage: str) -> None:
    """A site fault at whatever command: no recipient fails for it, and the words fit."""
    text = "4.7.0 no" if code == 454 else "no"
    reply = Reply(code, (text,), enhanced_in(text, code))
    verdict = judge(code, reply.enhanced, stage=stage)
    assert (verdict.scope, verdict.status) == (Scope.SITE, RecipientStatus.DEFERRED)
    assert verdict.durability is (Durability.PERMANENT if fact.is_permanent else Durability.TRANSIENT)
    assert explain(reply, stage=stage) == (fact.cause, fact.remedy, fact.field)


def test_what_can_be_mended_here_names_its_setting() -> None:
    assert all(bool(fact.field) == fact.is_permanent for fact in AUTHENTICATION_FACTS.values())


def test_a_login_that_was_judged_is_not_one_that_is_missing() -> None:
    assert sorted(LOGIN_WANTED) == [530, 538]


@pytest.mark.parametrize("text", ["Relay access denied", "<x@example.net>: Relay access denied", "no"])
def test_a_bare_454_at_a_recipient_says_nothing_of_credentials(text: str) -> None:
    """The whole connection rested once because one recipient was not relayed to."""
    reply = Reply(454, (text,))
    verdict = judge(454, None, stage="rcpt")
    found = explain(reply, stage="rcpt")

    assert (verdict.scope, verdict.status) == (Scope.RECIPIENT, RecipientStatus.DEFERRED)
    assert found is None or found.field == "user"
    assert found is None or "credentials" not in found.cause


@pytest.mark.parametrize("stage", ["mail", "data", "content"])
def test_a_bare_454_elsewhere_concerns_the_account(stage: str) -> None:
    verdict = judge(454, None, stage=stage)
    assert (verdict.scope, verdict.durability) == (Scope.SITE, Durability.TRANSIENT)
