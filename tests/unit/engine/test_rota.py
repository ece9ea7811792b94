from eilbote.engine.rota import Rota
from eilbote.outbox.entry import Lane

A, B, C = (Lane(organization, "office") for organization in "abc")


def test_organizations_take_turns() -> None:
    rota = Rota()
    rota.offer([A, B, C])
    assert [rota.next() for _ in range(7)] == [A, B, C, A, B, C, A]


def test_a_lane_offered_again_keeps_its_place() -> None:
    rota = Rota()
    rota.offer([A, B])
    assert rota.next() == A
    rota.offer([A, B, C])
    assert [rota.next() for _ in range(3)] == [B, A, C]


def test_a_drained_lane_has_no_turn_until_it_is_offered_again() -> None:
    rota = Rota()
    rota.offer([A, B])
    rota.drained(A)
    rota.drained(A)
    assert [rota.next(), rota.next()] == [B, B]
    rota.drained(B)
    assert rota.next() is None
    assert len(rota) == 0
    rota.offer([A])
    assert rota.next() == A
