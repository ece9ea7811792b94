"""The keys that secrets are encrypted with: handed in by the environment, or a file that only its owner may read.

::

    k7f3a9c12 Zm9vYmFyLi4u…   one key a line: its id, and 32 octets in base64
    k01b2c3d4 cXV1eC4uLg…     former keys follow, for what they have encrypted

The first key is the one that encrypts, from the moment on when ``eilbote keys rotate`` has put it to use. So on several
machines it can be handed to all of them before any of them needs it.

Rules it keeps:

* The file is written as a whole under another name, flushed, and renamed; whoever reads it finds the old or the new one.
* One process at a time changes it: of two that want to make the first key, the second finds it.
* A key is in the file before its id is in the database. So whoever has read an id looks for its key afterwards, in the file
  itself: what was seen of the file earlier, or looks unchanged from outside, is no proof that a key is missing.
* No error text holds a key, or a part of a line.
"""

from __future__ import annotations

import base64
import binascii
import errno
import fcntl
import os
import re
import secrets
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.errors import SecretKeyError
from eilbote.store.cipher import KEY_OCTETS, Key
from eilbote.store.regular_file import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

VARIABLE: Final = "EILBOTE_SECRET_KEYS"
FILE_VARIABLE: Final = "EILBOTE_SECRET_KEYS_FILE"
FILE_NAME: Final = "secret.keys"
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_COMMENT: Final = re.compile(r"^\s*#.*$", re.MULTILINE)
_SEPARATORS: Final = re.compile(r"[\n,]")
_OTHERS: Final = 0o077
_EVERYBODY: Final = 0o007
_LARGEST: Final = 64 * 1024
_Version: TypeAlias = tuple[int, int, int]
"""What tells one content of a file from another: inode, time of the last change, size."""
_HEAD: Final = """\
# The keys of eilbote's secrets. Without them stored passwords and tokens are lost: keep a copy, apart from
# the copies of the database.
"""


class KeyRing:
    """The keys there are.

    Args:
        file: The file they lie in; ``None`` when they are handed in.
        text: What was handed in.
    """

    __slots__ = ("_file", "_seen")

    def __init__(self, file: Path | None = None, *, text: str = "") -> None:
        self._file = file
        # One object, put in place at once: several threads look at the same time, and none may find the keys of one
        # content beside the version of another.
        self._seen: tuple[_Version | None, tuple[Key, ...]] = (
            None,
            () if file is not None else parse_keys(text, VARIABLE),
        )

    @property
    def place(self) -> str:
        """Where keys are looked for, for people, and what an error names as the place to mend: the variable, or the file."""
        return VARIABLE if self._file is None else str(self._file)

    @property
    def is_handed_in(self) -> bool:
        """Whether somebody else makes the keys."""
        return self._file is None

    def known(self) -> tuple[Key, ...]:
        """Give the keys as they are now, the first of them the newest; a file is read again when it has changed.

        Raises:
            SecretKeyError: The file cannot be read, or others can read it, or holds something else.
        """
        return self._look(anew=False)

    def _look(self, *, anew: bool) -> tuple[Key, ...]:
        """Give the keys as they are now.

        Args:
            anew: Whether to read the file even if it looks unchanged. Two contents written within one tick of the file
                system's clock can have the same size, and the second the inode that the first has left.
        """
        before, keys = self._seen
        if self._file is not None:
            version = self._version_now(self._file)
            if anew or version != before:
                keys = () if version is None else self._read(self._file)
                self._seen = version, keys
        return keys

    def first(self) -> Key:
        """Give the newest key.

        Raises:
            SecretKeyError: There is none, or as :meth:`known`.
        """
        keys = self.known()
        if not keys:
            raise SecretKeyError(
                f"the keys in {self.place} are gone", field=self.place, remedy="Put them back, then try again"
            )
        return keys[0]

    def find(self, key_id: str) -> Key | None:
        """Give a key by its id; a file is only read for one that was not seen in it, for no id ever means another key.

        Raises:
            SecretKeyError: As :meth:`known`.
        """
        _, keys = self._seen
        return _of_id(keys, key_id) or _of_id(self._look(anew=True), key_id)

    def get(self, key_id: str) -> Key:
        """Give a key by its id.

        Raises:
            SecretKeyError: There is none, or as :meth:`known`.
        """
        key = self.find(key_id)
        if key is None:
            raise self.missing(key_id)
        return key

    def missing(self, key_id: str) -> SecretKeyError:
        """Say that a key is needed and not there."""
        return SecretKeyError(
            f"stored secrets are encrypted with the key {key_id!r}, which is not in {self.place}",
            field=self.place,
            cause=None if self.known() else "No key is there at all",
            remedy=f"Put the line of {key_id!r} back there, from a copy or from the machine that has it. "
            f"If it is lost for good, `eilbote keys abandon {key_id}` gives up what it has encrypted",
        )

    # -- changing ----------------------------------------------------------------------------------------------

    def make_first(self) -> Key:
        """See that there is a key; gives the first. It is on the disk when this returns.

        Raises:
            SecretKeyError: There is none, and none can be made.
        """
        return self._make(wanted=lambda keys: not keys)

    def make_next(self, after: str) -> Key:
        """See that another key than ``after`` stands first; gives it. It is on the disk when this returns.

        Raises:
            SecretKeyError: There is none, and none can be made.
        """
        return self._make(wanted=lambda keys: not keys or keys[0].id == after)

    def _make(self, wanted: Callable[[tuple[Key, ...]], bool]) -> Key:
        if self._file is None:
            keys = self.known()
            if wanted(keys):
                raise SecretKeyError(
                    "the keys are handed in, so a new one has to be handed in as well",
                    field=self.place,
                    remedy='Put a line "ID KEY" before the others and run this again: ID is any new name, and KEY what '
                    "`openssl rand -base64 32` prints",
                )
            return keys[0]
        with self._changing(self._file):
            keys = self._look(anew=True)
            if wanted(keys):
                keys = (Key(id=f"k{secrets.token_hex(4)}", octets=secrets.token_bytes(KEY_OCTETS)), *keys)
                self._write(self._file, keys)
            return keys[0]

    def remove(self, key_id: str) -> bool:
        """Throw a key away; ``False`` when the keys are handed in, and whoever does that has to.

        Raises:
            SecretKeyError: The file cannot be written.
        """
        if self._file is None:
            return False
        with self._changing(self._file):
            self._write(self._file, tuple(key for key in self._look(anew=True) if key.id != key_id))
        return True

    @contextmanager
    def _changing(self, file: Path) -> Generator[None]:
        """Let one process at a time change the file."""
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(file.with_name(f".{file.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)
        except OSError as fault:
            raise SecretKeyError(
                f"no key can be kept in {file}",
                field=str(file),
                cause=fault.strerror,
                remedy=f"Let this user write there, or hand the keys in with {VARIABLE}",
            ) from fault

    def _write(self, file: Path, keys: tuple[Key, ...]) -> None:
        text = _HEAD + "".join(f"{key.id} {base64.b64encode(key.octets).decode()}\n" for key in keys)
        beginning = f".{file.name}-"
        for left in file.parent.glob(f"{beginning}*"):  # by a process that was killed over it
            left.unlink(missing_ok=True)
        handle, unfinished = tempfile.mkstemp(prefix=beginning, dir=file.parent)  # with rights 0600
        try:
            with os.fdopen(handle, "w", encoding="ascii") as new:
                new.write(text)
                new.flush()
                os.fsync(new.fileno())
            Path(unfinished).rename(file)
        finally:
            Path(unfinished).unlink(missing_ok=True)
        folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    # -- reading -----------------------------------------------------------------------------------------------

    def _version_now(self, file: Path) -> _Version | None:
        """Tell one content of the file from another; ``None`` without a file."""
        try:
            found = file.stat()
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise _unreadable(file, fault) from fault
        # A service manager's own file is read by a list of rights, which shows as those of a group (systemd's LoadCredential).
        is_handed_in = found.st_uid != os.geteuid()
        if found.st_mode & (_EVERYBODY if is_handed_in else _OTHERS):
            raise SecretKeyError(
                f"other users of this machine may read {file}, and so every stored secret",
                field=str(file),
                cause=f"Its mode is {stat.S_IMODE(found.st_mode):04o}",
                remedy=f"Run `chmod 600 {file}`; if somebody may have looked, run `eilbote keys rotate` and change the "
                "passwords",
            )
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self, file: Path) -> tuple[Key, ...]:
        try:
            octets = read_regular(file, most=_LARGEST)
        except OSError as fault:
            if fault.errno == errno.EFBIG:
                raise _malformed(str(file), "it is larger than any list of keys") from None
            raise _unreadable(file, fault) from fault
        return parse_keys(octets.decode("ascii", "replace"), str(file))


def ring_of(environment: Mapping[str, str], data_dir: Path) -> KeyRing:
    """Give the keys that an environment hands in, or names the file of, or else those in the data folder.

    Raises:
        SecretKeyError: What is handed in is malformed, or handed in twice.
    """
    text, file = environment.get(VARIABLE, ""), environment.get(FILE_VARIABLE, "")
    if text.strip() and file:
        raise SecretKeyError(
            f"{VARIABLE} and {FILE_VARIABLE} are both set", field=FILE_VARIABLE, remedy="Unset one of them"
        )
    if text.strip():
        return KeyRing(text=text)
    return KeyRing(Path(file) if file else data_dir / FILE_NAME)


def parse_keys(text: str, place: str) -> tuple[Key, ...]:
    """Read keys, one a line or with commas between them; empty lines and lines that begin with ``#`` say nothing.

    Args:
        text: The lines.
        place: Where they stand, for people.

    Raises:
        SecretKeyError: A line is no key, or two keys have one id.
    """
    keys: dict[str, Key] = {}
    entries = (entry.split() for entry in _SEPARATORS.split(_COMMENT.sub("", text)))
    for number, words in enumerate(filter(None, entries), start=1):
        if len(words) != 2 or not _ID.match(words[0]):  # noqa: PLR2004 - an id and a key
            raise _malformed(place, f"entry {number} is not an id, a blank and a key")
        name, encoded = words
        try:
            octets = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            octets = b""
        if len(octets) != KEY_OCTETS:
            raise _malformed(place, f"the key in entry {number} is not {KEY_OCTETS} octets in base64")
        if name in keys:
            raise _malformed(place, f"entry {number} has the id of an earlier one")
        keys[name] = Key(id=name, octets=octets)
    return tuple(keys.values())


def _of_id(keys: tuple[Key, ...], key_id: str) -> Key | None:
    return next((key for key in keys if key.id == key_id), None)


def _malformed(place: str, cause: str) -> SecretKeyError:
    return SecretKeyError(
        f"the keys in {place} cannot be used",
        field=place,
        cause=cause,
        remedy='Write one key a line, "ID KEY"; a KEY is what `openssl rand -base64 32` prints',
    )


def _unreadable(file: Path, fault: OSError) -> SecretKeyError:
    return SecretKeyError(
        f"the keys in {file} cannot be read",
        field=str(file),
        cause=fault.strerror,
        remedy="Let this user read the file, and enter its folder",
    )
