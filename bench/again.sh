#!/bin/sh
# Takes the figures of docs/inbox.md, docs/live.md and docs/pulling.md again: `sh bench/again.sh [FOLDER]`. An hour or
# two on a machine that does nothing else; with other work on it, only processor times and counts mean anything.
set -eu
cd "$(dirname "$0")/.."
folder=${1:-var/figures}
mkdir -p "$folder"

take() {
    name=$1
    shift
    echo "$name: $*"
    bin/uv run python -m "$@" >"$folder/$name.txt" 2>&1 || echo "$name failed: see $folder/$name.txt"
}

uptime >"$folder/load.txt"
take pages-sqlite bench.pages --sizes 10000 100000 1000000 --runs 60
take pages-postgresql bench.pages --sizes 10000 100000 1000000 --runs 60 --database postgresql
take live bench.live --pages 500 --seconds 60
take live-news bench.live --pages 500 --seconds 60 --arrivals
take pull-sqlite bench.pull --corpus
take pull-postgresql bench.pull --corpus --database postgresql
take reading bench.reading --runs 60
uptime >>"$folder/load.txt"
