#!/bin/sh
# Find a Python that works, and let environments.py make what was asked for. Installs nothing outside this folder.
# usage: [PYTHON=/path/to/python3.13] sh tests/demo/setup.sh dev sam local
cd "$(dirname "$0")/../.." || exit 1

# A name on PATH proves nothing (pyenv's shims exist for versions that are not active): run it.
supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; }
complete() { "$1" -c 'import ensurepip, ssl, venv' >/dev/null 2>&1; }
fail() { echo "portrait: $1" >&2; exit 1; }

candidates() {
    [ -f .tools/python ] && cat .tools/python # what the environments were made with
    for version in 3.13 3.12 3.11; do
        (IFS=:; for folder in $PATH; do echo "$folder/python$version"; done)
        ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/$version.*/bin/python$version \
            "$HOME"/.local/share/uv/python/cpython-$version.*/bin/python$version \
            /opt/homebrew/bin/python$version /usr/local/bin/python$version 2>/dev/null
    done
    command -v python3
}

if [ -n "${PYTHON:-}" ]; then
    supported "$PYTHON" || fail "PYTHON=$PYTHON is not a working Python 3.11, 3.12 or 3.13: name one that is, or leave PYTHON out."
    complete "$PYTHON" || fail "PYTHON=$PYTHON has no venv, ensurepip or ssl module: install them (Debian: apt-get install python3-venv), or name another Python."
    exec "$PYTHON" tests/demo/environments.py "$@"
fi
incomplete=
while read -r python; do
    [ -x "$python" ] && supported "$python" || continue
    complete "$python" && exec "$python" tests/demo/environments.py "$@"
    incomplete=${incomplete:-$python}
done <<LIST
$(candidates)
LIST
[ -n "$incomplete" ] && fail "$incomplete has no venv, ensurepip or ssl module: install them (Debian: apt-get install $(basename "$incomplete")-venv) and run make again."
found=$(python3 -V 2>/dev/null || echo "no python3")
fail "needs Python 3.11, 3.12 or 3.13 and found $found: install one (Debian: apt-get install python3 python3-venv; macOS: brew install python@3.13), or name it: make PYTHON=/path/to/python3.13."
