#!/bin/sh
# fuzz.sh TARGET CORPUS SECONDS: fuzzes from the corpus, which stays as it is.
set -eu
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
mkdir "$found/corpus"
if ! "$1" -max_total_time="$3" -timeout=10 -rss_limit_mb=2048 -max_len=8192 -seed=1 -print_final_stats=1 \
  -artifact_prefix="$found/" "$found/corpus" "$2"; then
  echo "The input, in base64:"
  base64 "$found"/crash-* "$found"/timeout-* "$found"/oom-* "$found"/leak-* 2>/dev/null
  exit 1
fi
