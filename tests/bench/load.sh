#!/bin/sh
# How long a pass takes while other programs use the processors, and after the pause that a camera
# leaves:
#   sh tests/bench/load.sh [--rounds N] [BENCH-OPTION...]
# Measures `wingtip bench BENCH-OPTION...` (--random 2x128 --threads 2 --runs 20, unless given) of
# .build/test, or of $WINGTIP_EXE, with 0, 1 and 2 busy loops beside it, in turns, and prints the
# median of the medians as a table. The load of everything else that runs is in the last column;
# repeat on a quieter machine where that is more than the busy loops.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
exe=${WINGTIP_EXE:-$root/.build/test/app/wingtip}
rounds=3
if [ "${1-}" = --rounds ]; then
  rounds=$2
  shift 2
fi
[ $# -gt 0 ] || set -- --random 2x128 --threads 2 --runs 20
tmp=$(mktemp -d)
busy=
stop() {
  for pid in $busy; do
    kill "$pid" 2>/dev/null || :
    wait "$pid" 2>/dev/null || :
  done
  busy=
}
trap 'stop; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

# start N: so many loops that do nothing but run.
start() {
  i=0
  while [ "$i" -lt "$1" ]; do
    sh -c 'while :; do :; done' &
    busy="$busy $!"
    i=$((i + 1))
  done
}

r=0
while [ "$r" -lt "$rounds" ]; do
  for n in 0 1 2; do
    start "$n"
    "$exe" bench "$@" --pause 33 --json "$tmp/$n.$r.json" >/dev/null 2>&1
    stop
  done
  r=$((r + 1))
done

python3 - "$tmp" "$rounds" <<'PY'
import json, statistics, sys

folder, rounds = sys.argv[1], int(sys.argv[2])
idle = None
print("| busy loops | median ms | x idle | after 33 ms | x back to back | others' processors |")
print("|-----------:|----------:|-------:|------------:|---------------:|-------------------:|")
for n in range(3):
    runs = [json.load(open(f"{folder}/{n}.{r}.json")) for r in range(rounds)]
    mid = lambda key: statistics.median(run[key] or 0 for run in runs)
    idle = idle or mid("median_ms")
    print(f"| {n:10} | {mid('median_ms'):9.1f} | {mid('median_ms') / idle:6.2f} "
          f"| {mid('pause_median_ms'):11.1f} | {mid('pause_ratio'):14.2f} "
          f"| {mid('other_processors'):18.2f} |")
PY
