# Sourced by the other scripts: finds Python interpreters and keeps one environment for each purpose under .venvs/.
# Only Python and its venv module are taken for granted; uv comes from PyPI and installs what uv.lock says.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1 UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1

say() { printf '\n\033[1m── %s\033[0m\n' "$*" >&2; }

# find_python 3.13: prints the path of that interpreter, or fails. A name on the PATH may be a shim that does not run,
# hence every candidate is asked who it is.
find_python() {
  local candidate
  for candidate in "python$1" "$HOME/.pyenv/versions/$1".*/bin/python"$1" python3; do
    "$candidate" -c "import sys; sys.version_info[:2] == tuple(map(int, '$1'.split('.'))) or sys.exit(1); print(sys.executable)" \
      2>/dev/null && return
  done
  return 1
}

# The oldest supported interpreter that is here: what runs on it runs on the newer ones.
find_oldest_python() {
  local minor
  for minor in 3.11 3.12 3.13 3.14; do find_python "$minor" && return; done
  echo "eilbote needs Python 3.11 or newer, and none was found on the PATH or under ~/.pyenv/versions" >&2
  return 1
}

make_venv() {
  "$1" -m venv "$2" && return
  echo "$1 cannot create environments; on Debian and its relatives: apt-get install python3-venv" >&2
  return 1
}

find_uv() {
  [ -x .venvs/uv/bin/uv ] || { make_venv "$1" .venvs/uv && .venvs/uv/bin/pip install --quiet 'uv>=0.9'; } >&2 || return 1
  echo .venvs/uv/bin/uv
}

# provide NAME PYTHON [EXTRA]: makes .venvs/NAME hold eilbote (editable) and what uv.lock says for EXTRA. Does nothing when it
# is already so. Where uv cannot reach its index, pip, which may be configured for this machine, does the same without the lock.
provide() {
  local root=.venvs/$1 python=$2 extra=${3:-} uv stamp
  stamp=$(cat pyproject.toml uv.lock | "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
  [ "$(cat "$root/.stamp" 2>/dev/null)" != "$stamp" ] || return 0
  say "Preparing $root ($("$python" --version)${extra:+, with what '$extra' needs})"
  if ! { uv=$(find_uv "$python") && UV_PROJECT_ENVIRONMENT=$root "$uv" sync --quiet --locked --no-default-groups \
    --python "$python" ${extra:+--extra "$extra"}; }; then
    echo "uv could not do it; trying pip" >&2
    rm -rf "$root"
    make_venv "$python" "$root"
    "$root/bin/pip" install --quiet --editable ".${extra:+[$extra]}"
  fi
  echo "$stamp" >"$root/.stamp"
}
