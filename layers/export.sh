#!/bin/sh
# Write each layer's requirements.txt, what it installs, from uv.lock. `make lock` runs this; a test runs it with --check.
cd "$(dirname "$0")/.." || exit 1
PATH=$PWD/.tools/uv/bin:$PATH
exported() {
    [ "$1" = science ] && set -- --only-group science || set -- --no-default-groups
    uv export --quiet --frozen --no-emit-project --no-annotate --no-header --format requirements.txt "$@"
}
for layer in core science; do
    if [ "${1:-}" = --check ]; then
        exported $layer | cmp - layers/$layer/requirements.txt || exit 1
    else
        exported $layer >layers/$layer/requirements.txt
    fi
done
