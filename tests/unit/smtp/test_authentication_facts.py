"""What authentication replies mean is said once, and all who read it agree."""

from __future__ import annotations

import pytest

from eilbote.deliver.verdict import judge
from eilbote.errors import Durability, Scope
from eilbote.model.status import RecipientStatus
from eilbote.smtp.authentication_facts import AUTHENTICATION_FACTS, LOGIN_WANTED, AuthenticationFact
from eilbote.smtp.explain import explain
from eilbote.smtp.replies import Reply


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "content"])
@pytest.mark.parametrize("code,fact", AUTHENTICATION_FACTS.items())
def test_all_who_classify_such_a_reply_agree(code: int, fact: AuthenticationFact, stage: str) -> None:
    """A site fault at whatever command: no recipient fails for it, and the words fit."""
    verdict = judge(code, stage=stage)
    assert (verdict.scope, verdict.status) == (Scope.SITE, RecipientStatus.DEFERRED)
    assert verdict.durability is (Durability.PERMANENT if fact.is_permanent else Durability.TRANSIENT)
    assert explain(Reply(code, ("no",)), stage=stage) == (fact.cause, fact.remedy, fact.field)


def test_what_can_be_mended_here_names_its_setting() -> None:
    assert all(bool(fact.field) == fact.is_permanent for fact in AUTHENTICATION_FACTS.values())


def test_a_login_that_was_judged_is_not_one_that_is_missing() -> None:
    assert sorted(LOGIN_WANTED) == [530, 538]
