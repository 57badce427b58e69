#!/bin/sh
# Write requirements.txt, what the layer installs, from uv.lock. `make lock` runs this; a test runs it with --check.
cd "$(dirname "$0")/../.." || exit 1
PATH=$PWD/.tools/uv/bin:$PATH
exported() {
    uv export --quiet --frozen --no-default-groups --no-emit-project --no-annotate --no-header --format requirements.txt
}
if [ "${1:-}" = --check ]; then
    exported | cmp - layers/core/requirements.txt
else
    exported >layers/core/requirements.txt
fi
