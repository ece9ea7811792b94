"""The file of keys: made once, for its owner alone, and never half written."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from eilbote.errors import SecretKeyError
from eilbote.store.key_ring import KeyRing

MAKE = "import sys, pathlib\nfrom eilbote.store.key_ring import KeyRing\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "secret.keys"


def test_nothing_is_made_by_looking(file: Path) -> None:
    assert KeyRing(file).known() == ()
    assert not file.parent.exists()


def test_the_first_key_is_its_owners_alone(file: Path) -> None:
    ring = KeyRing(file)
    key = ring.make_first()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert ring.make_first() == key, "a second one is not made"
    assert KeyRing(file).known() == (key,)
    assert len(key.octets) == 32
    assert {one.name for one in file.parent.iterdir()} == {"secret.keys", ".secret.keys.lock"}
    assert re.search(rf"^{key.id} [A-Za-z0-9+/]{{43}}=$", file.read_text(), re.MULTILINE)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604, 0o622])
def test_a_file_that_others_may_read_is_refused(file: Path, mode: int) -> None:
    KeyRing(file).make_first()
    file.chmod(mode)

    with pytest.raises(SecretKeyError) as told:
        KeyRing(file).known()
    assert f"chmod 600 {file}" in str(told.value)
    assert f"{mode:04o}" in str(told.value)
    file.chmod(0o400)
    assert KeyRing(file).known(), "its owner alone may read it"


def test_a_file_that_a_service_manager_hands_in_may_be_a_groups(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    KeyRing(file).make_first()
    owner = file.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    file.chmod(0o440)
    assert KeyRing(file).known()

    file.chmod(0o444)
    with pytest.raises(SecretKeyError, match="0444"):
        KeyRing(file).known()


def test_the_file_is_read_again_when_it_has_changed(file: Path) -> None:
    one, two = KeyRing(file), KeyRing(file)
    first = one.make_first()
    assert two.known() == (first,)

    second = one.make_next(first.id)
    assert two.known() == (second, first), "the new one stands first"
    assert two.make_next(first.id) == second, "who comes later finds it"
    assert one.remove(first.id)
    assert two.known() == (second,)


def test_a_key_is_found_in_a_file_that_looks_as_it_did_before(file: Path, tmp_path: Path) -> None:
    """Of the same size, and written within one tick of the clock, into the inode that the former content has left."""
    ring = KeyRing(file)
    former = ring.make_first()
    assert ring.known() == (former,)
    looks = file.stat()
    other = KeyRing(tmp_path / "other.keys")
    key = other.make_first()

    file.write_bytes((tmp_path / "other.keys").read_bytes())
    os.utime(file, ns=(looks.st_atime_ns, looks.st_mtime_ns))

    assert (file.stat().st_ino, file.stat().st_size) == (looks.st_ino, looks.st_size)
    assert ring.find(key.id) == key
    assert ring.find(former.id) is None


def test_what_is_no_list_of_keys_is_refused(file: Path) -> None:
    file.parent.mkdir()
    for octets in (b"\xff\xfe\0", b"x" * 100_000, b"k1 c2hvcnQ="):
        file.write_bytes(octets)
        file.chmod(0o600)
        with pytest.raises(SecretKeyError, match="cannot be used") as told:
            KeyRing(file).known()
        assert told.value.field == str(file), "the fault is in the file, and not in a variable"
        with pytest.raises(SecretKeyError, match="cannot be used"):
            KeyRing(file).make_first()
        assert file.read_bytes() == octets, "it is left as it is"


def test_a_folder_in_which_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    file = tmp_path / "file" / "secret.keys"
    with pytest.raises(SecretKeyError, match=r"EILBOTE_SECRET_KEYS") as told:
        KeyRing(file).make_first()
    assert told.value.field == str(file), "nobody has set the variable"


def test_many_processes_that_make_the_first_key_make_one(file: Path) -> None:
    program = f"{MAKE}sys.stdin.read(1); print(KeyRing(pathlib.Path(sys.argv[1])).make_first().id)"
    children = [
        subprocess.Popen(
            [sys.executable, "-c", program, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    with ThreadPoolExecutor(4) as threads:
        made = {said.strip() for said, _ in threads.map(lambda child: child.communicate("x"), children)}

    assert made == {key.id for key in KeyRing(file).known()}
    assert len(made) == 1


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_process_that_is_killed_over_it_leaves_the_old_file_or_the_new_one(file: Path, call: str) -> None:
    """And what it leaves beside it, a key that nobody knows, is cleared away by the next one."""
    first = KeyRing(file).make_first()
    program = (
        f"{MAKE}import os, signal\n"
        "def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)\n"
        f"os.{call} = die\n"
        "KeyRing(pathlib.Path(sys.argv[1])).make_next(sys.argv[2])\n"
    )

    child = subprocess.run([sys.executable, "-c", program, file, first.id], check=False)

    assert child.returncode == -signal.SIGKILL
    assert KeyRing(file).known() == (first,)
    left = [one for one in file.parent.iterdir() if one.name.startswith(".secret.keys-")]
    assert [stat.S_IMODE(one.stat().st_mode) for one in left] == [0o600]
    second = KeyRing(file).make_next(first.id)
    assert KeyRing(file).known() == (second, first)
    assert not any(one.exists() for one in left)


def test_a_key_is_on_the_disk_before_it_is_given(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that was encrypted with it may be durable a moment later; the key has to be, file and name."""
    done: list[str] = []
    flush = os.fsync

    def noted(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    KeyRing(file).make_first()

    assert done == ["file", "folder"]
