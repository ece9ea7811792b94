"""Exit codes are a promise to scripts: this table changes only by lines added at its end."""

import pytest

from eilbote import errors
from eilbote.cli.exit_codes import ExitCode, exit_code_of, exit_code_of_receipt
from eilbote.errors import Durability, EilboteError
from eilbote.model.envelope import Envelope
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import RecipientStatus

ACCEPTED, DEFERRED, FAILED, IN_DOUBT = (
    RecipientStatus.ACCEPTED,
    RecipientStatus.DEFERRED,
    RecipientStatus.FAILED,
    RecipientStatus.IN_DOUBT,
)
FROZEN = {
    "EilboteError": 1,
    "DraftError": 3,
    "AddressError": 3,
    "HeaderError": 3,
    "NoRecipientsError": 3,
    "AttachmentError": 3,
    "PlaceholderError": 3,
    "TemplateError": 3,
    "ConfigurationError": 1,
    "ConnectionNotFoundError": 3,
    "ConnectionDisabledError": 1,
    "ProviderNotFoundError": 3,
    "UriError": 3,
    "RouteError": 3,
    "RouteNotFoundError": 3,
    "ProcessError": 3,
    "ProcessNotFoundError": 3,
    "InstanceNotFoundError": 3,
    "SettingsError": 1,
    "SecretKeyError": 1,
    "FlowError": 3,
    "FlowNotFoundError": 3,
    "RunNotFoundError": 3,
    "DeliveryError": 4,
    "ConnectError": 4,
    "DeliveryTimeoutError": 4,
    "TLSError": 4,
    "AuthenticationError": 5,
    "TokenError": 5,
    "ExtensionError": 1,
    "DisconnectedError": 4,
    "InDoubtError": 1,
    "ProtocolError": 1,
    "LocalProtocolError": 1,
    "RemoteProtocolError": 1,
    "OutboxError": 1,
    "EntryNotFoundError": 3,
    "IllegalTransitionError": 1,
    "LeaseLostError": 1,
    "AlreadySubmittedError": 1,
    "OutboxUnavailableError": 4,
    "OutboxSchemaError": 1,
    "UnreadableEntryError": 1,
    "SuppressedError": 3,
    "NotFoundError": 3,
    "ConflictError": 1,
    "AccessError": 1,
    "SignInError": 5,
    "ForbiddenError": 1,
    "ThrottledError": 4,
}


def receipt(*statuses: RecipientStatus, error: EilboteError | None = None) -> Receipt:
    paths = tuple(f"r{number}@y.example" for number in range(len(statuses)))
    return Receipt(
        message_id="<1@x.example>",
        envelope=Envelope(reverse_path="", forward_paths=paths),
        results=tuple(RecipientResult(path, status) for path, status in zip(paths, statuses, strict=True)),
        error=error,
    )


def test_every_error_has_its_frozen_code() -> None:
    kinds = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, EilboteError) and name != "RecipientsRefusedError"
    }
    assert {name: int(exit_code_of(kind("what"))) for name, kind in kinds.items()} == FROZEN


@pytest.mark.parametrize(
    "error, code",
    [
        (errors.TLSError("certificate", durability=Durability.PERMANENT), ExitCode.FAILED),
        (errors.AuthenticationError("later", durability=Durability.TRANSIENT), ExitCode.TEMPORARY),
    ],
)
def test_what_may_pass_is_temporary(error: EilboteError, code: ExitCode) -> None:
    assert exit_code_of(error) is code


@pytest.mark.parametrize(
    "statuses, code",
    [
        ((ACCEPTED,), 0),
        ((ACCEPTED, ACCEPTED), 0),
        ((ACCEPTED, DEFERRED), 1),
        ((DEFERRED,), 4),
        ((ACCEPTED, FAILED), 1),
        ((DEFERRED, FAILED), 1),
        ((IN_DOUBT,), 1),
        ((DEFERRED, IN_DOUBT), 1),
    ],
)
def test_a_receipt_is_temporary_only_when_sending_again_harms_nobody(
    statuses: tuple[RecipientStatus, ...], code: int
) -> None:
    assert exit_code_of_receipt(receipt(*statuses)) == code
    refused = errors.RecipientsRefusedError("nobody", receipt=receipt(*statuses))
    assert exit_code_of(refused) == code


def test_a_break_after_some_were_accepted_is_not_temporary() -> None:
    fault = errors.DisconnectedError("the server went away")
    assert exit_code_of_receipt(receipt(ACCEPTED, DEFERRED, error=fault)) == 1
    assert exit_code_of_receipt(receipt(DEFERRED, error=fault)) == 4


def test_the_reason_of_a_receipt_decides() -> None:
    assert exit_code_of_receipt(receipt(DEFERRED, error=errors.AuthenticationError("no"))) == 5
