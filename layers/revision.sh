#!/bin/sh
# Print the commit of what the packages are made from, and -dirty where it was changed since; nothing outside of git.
# make build hands it to the recipe of ModelsLayer as REVISION.
cd "$(dirname "$0")/.." || exit 1
set -- template.yaml uv.lock functions layers models
commit=$(git log -1 --format=%H -- "$@" 2>/dev/null)
[ -z "$commit" ] || echo "$commit$(git diff --quiet HEAD -- "$@" || echo -dirty)"
