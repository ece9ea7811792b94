# Sourced by the other scripts: finds Python interpreters and keeps one environment for each purpose under .venvs/.
# Only Python with its venv module is taken for granted, and that pip reaches a package index.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1
# The tests start Python hundreds of times. Where bytecode is not kept, as container images like to have it, each of them compiles
# the whole package anew, and pytest every test.
unset PYTHONDONTWRITEBYTECODE

say() { printf '\n── %s\n' "$*"; }

# find_python 3.13: prints the path of that interpreter, or fails. A name on the PATH may be a shim that does not run,
# hence every candidate is asked who it is; and it may belong to an active virtual environment, perhaps one of those
# below, which must not be what the others are made from.
find_python() {
  local candidate
  for candidate in "python$1" "$HOME/.pyenv/versions/$1".*/bin/python"$1" python3; do
    "$candidate" -c "import sys; '%d.%d' % sys.version_info[:2] == '$1' or sys.exit(1); print(sys._base_executable)" \
      2>/dev/null && return
  done
  return 1
}

# The oldest supported interpreter that is here: what runs on it runs on the newer ones.
find_oldest_python() {
  local minor
  for minor in 3.11 3.12 3.13 3.14; do find_python "$minor" && return; done
  echo "eilbote needs Python 3.11 or newer; none was found on the PATH or under ~/.pyenv/versions" >&2
  return 1
}

# provide NAME PYTHON [EXTRA]: makes .venvs/NAME hold eilbote (editable) and what EXTRA needs, in the versions of
# constraints.txt. Does nothing when it is already so; begins anew when a former attempt was interrupted.
provide() {
  local root=.venvs/$1 python=$2 extra=${3:-} wanted found=
  wanted="$python $extra $(cat pyproject.toml constraints.txt | cksum)"
  [ ! -e "$root/.stamp" ] || found=$(cat "$root/.stamp")
  [ "$found" != "$wanted" ] || return 0
  say "Preparing $root with $("$python" --version); this takes up to a minute" >&2
  [ "${found%% *}" = "$python" ] || rm -rf "$root"
  rm -f "$root/.stamp"
  if ! "$python" -m venv "$root"; then
    echo "$python cannot create environments; on Debian and its relatives: apt-get install python3-venv" >&2
    return 1
  fi
  "$root/bin/pip" install --quiet --quiet --constraint constraints.txt --editable ".${extra:+[$extra]}" || return 1
  echo "$wanted" >"$root/.stamp"
}
