"""What the check of a request's form found, at the places that the request has, each place once.

Where a field may be of several kinds, the check tries each, and puts the name of what it has tried into the place; no JSON pointer leads there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, cast

from eilbote.api.field_words import is_of_kind

Said: TypeAlias = Mapping[str, object]
_BODY: Final = "body"
_MISSING: Final = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFault:
    """A fault.

    Attributes:
        place: Where, beginning with ``body``, ``query`` and the like.
        said: What the check says of each kind that it has tried; one where there is one kind.
        is_tried: Whether there are several kinds.
    """

    place: tuple[str | int, ...]
    said: tuple[Said, ...]
    is_tried: bool = False


def field_faults(said: Iterable[Said], given: object) -> list[FieldFault]:
    """Give the faults.

    Args:
        said: What the check says.
        given: The body that was checked; ``None`` where it is not known, and then places stay as they are.
    """
    found: dict[tuple[str | int, ...], FieldFault] = {}
    for each in said:
        fault = _at_its_place(each, given)
        known = found.get(fault.place)
        found[fault.place] = fault if known is None else _both(known, fault)
    return [
        fault for fault in found.values() if not (fault.is_tried and _is_another_kind(fault, found.values()))
    ]


def place_of(said: Said) -> tuple[str | int, ...]:
    """Give where the check says that it is."""
    return tuple(cast("Sequence[str | int]", said.get("loc", ())))


def _at_its_place(said: Said, given: object) -> FieldFault:
    whole = place_of(said)
    if given is None or whole[:1] != (_BODY,):
        return FieldFault(place=whole, said=(said,))
    here, place = given, [*whole[:1]]
    for number, part in enumerate(whole[1:], 2):
        if isinstance(here, Mapping) and part in here:
            here = cast("Mapping[object, object]", here)[part]
        elif isinstance(here, list) and isinstance(part, int) and part < len(cast("list[object]", here)):
            here = cast("list[object]", here)[part]
        elif not (said.get("type") == _MISSING and number == len(whole)):
            continue
        place.append(part)
    return FieldFault(place=tuple(place), said=(said,), is_tried=len(place) < len(whole))


def _both(known: FieldFault, fault: FieldFault) -> FieldFault:
    """Put two together: where what was given is of one kind, what the others would be is no news."""
    known_kinds, kinds = _kinds_only(known), _kinds_only(fault)
    if known_kinds != kinds:
        return fault if known_kinds else known
    return replace(known, said=(*known.said, *fault.said), is_tried=True)


def _kinds_only(fault: FieldFault) -> bool:
    return all(is_of_kind(each) for each in fault.said)


def _is_another_kind(fault: FieldFault, others: Iterable[FieldFault]) -> bool:
    """Tell whether something is wrong within what was given, so that it is of the right kind as a whole."""
    length = len(fault.place)
    return _kinds_only(fault) and any(
        len(each.place) > length and each.place[:length] == fault.place for each in others
    )
