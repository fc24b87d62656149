#!/bin/sh
# fuzz.sh TARGET CORPUS RUNS: fuzzes from the corpus, which stays as it is.
set -eu
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
mkdir "$found/corpus"
# The limit is for what the reader takes, not for what the sanitizer keeps of earlier runs.
ASAN_OPTIONS=quarantine_size_mb=16:allocator_release_to_os_interval_ms=100${ASAN_OPTIONS:+:$ASAN_OPTIONS}
export ASAN_OPTIONS
if ! "$1" -runs="$3" -timeout=10 -rss_limit_mb=2048 -max_len=8192 -seed=1 -print_final_stats=1 \
  -artifact_prefix="$found/" "$found/corpus" "$2"; then
  echo "The input, in base64:"
  for input in "$found"/crash-* "$found"/timeout-* "$found"/oom-* "$found"/leak-*; do
    [ ! -f "$input" ] || base64 "$input"
  done
  exit 1
fi
