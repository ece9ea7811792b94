import pytest

from eilbote.engine.courier_options import CourierOptions
from eilbote.errors import SettingsError


def test_the_defaults_are_possible() -> None:
    options = CourierOptions()
    assert options.lease_seconds == 30.0
    assert options.retention_seconds == 30 * 24 * 3600


@pytest.mark.parametrize("field", ["lease_seconds", "poll_seconds", "retention_seconds", "most_in_hand"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), True, "30", None])
def test_what_would_stop_the_courier_is_refused_with_its_field(field: str, value: object) -> None:
    with pytest.raises(SettingsError) as refused:
        CourierOptions(**{field: value})  # type: ignore[arg-type]
    assert refused.value.field == f"courier.{field}"
    assert refused.value.remedy


def test_no_grace_at_all_is_possible() -> None:
    assert CourierOptions(grace_seconds=0).grace_seconds == 0
