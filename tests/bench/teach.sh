#!/bin/sh
# How tracking fares while a round is learned, how soon the round starts and how much memory it takes:
#   sh tests/bench/teach.sh [--model NAME] [--rounds N] [--seconds S] [--whole S]
# Tracks the demo clip alone and beside `wingtip profile learn`, in turns (A B A B), the
# learner with the priority that it has in the window, and prints the ratio of the rates: of each turn, and their
# median. --whole S: only how much memory a round of S seconds takes to its end, judging and saving
# included. Of .build/test, or of $WINGTIP_EXE. The load of everything else that runs is in the last
# line; what counts then are the ratios.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
exe=${WINGTIP_EXE:-$root/.build/test/app/wingtip}
model=fast rounds=2 seconds=4 whole=
while [ $# -gt 1 ]; do
  case $1 in
  --model) model=$2 ;;
  --rounds) rounds=$2 ;;
  --seconds) seconds=$2 ;;
  --whole) whole=$2 ;;
  *) break ;;
  esac
  shift 2
done
[ $# -eq 0 ] || {
  echo "teach.sh: unknown: $*" >&2
  exit 2
}
tmp=$(mktemp -d)
learner=
stop() {
  [ -z "$learner" ] || kill -9 "$learner" 2>/dev/null || :
  [ -z "$learner" ] || wait "$learner" 2>/dev/null || :
  learner=
}
trap 'stop; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

now() { date +%s.%N; }
# minus A B: A - B, two decimals
minus() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a - b }'; }

# Until the program itself runs: what is loaded already when the window starts a round.
for _ in 1 2 3; do
  from=$(now)
  "$exe" --version >/dev/null
  minus "$(now)" "$from"
  echo
done >"$tmp/load"

# The profile: five bundled faces, rendered, of which the points are exact.
grep -v '^#' "$root/assets/teach/replay.txt" | head -n 5 |
  awk -v folder="$root/assets/teach/" '{ $1 = folder $1; print }' >"$tmp/list.txt"
"$exe" profile add bench --profiles "$tmp/profiles" --data "$tmp/list.txt" --model "$model" \
  --force >"$tmp/add" 2>&1 || {
  cat "$tmp/add" >&2
  exit 1
}

# peak: of the learner so far, KiB; empty: it has ended.
peak() {
  sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$learner/status" 2>/dev/null || :
}
# learn SECONDS: a round in the background.
learn() {
  "$exe" profile learn bench --profiles "$tmp/profiles" --seconds "$1" >"$tmp/learn" 2>&1 &
  learner=$!
}

if [ -n "$whole" ]; then
  learn "$whole"
  memory=0
  while held=$(peak) && [ -n "$held" ]; do
    memory=$held
    sleep 0.1
  done
  wait "$learner"
  learner=
  tail -n 2 "$tmp/learn"
  echo "memory of a whole round, MiB: $((memory / 1024))"
  exit
fi

# A round that lasts until it is stopped; waits for its first step.
start() {
  began=$(now)
  learn 3600
  until grep -q '^[1-9][0-9]* steps' "$tmp/learn"; do
    kill -0 "$learner" 2>/dev/null || {
      cat "$tmp/learn" >&2
      exit 1
    }
    sleep 0.05
  done
  started="${started-} $(minus "$(now)" "$began")"
}
# rate: frames a second of tracking, for so many seconds.
rate() {
  from=$(now)
  frames=0
  until [ "$(awk -v a="$(now)" -v b="$from" -v s="$seconds" 'BEGIN { print (a - b >= s) }')" -eq 1 ]; do
    "$exe" track "$root/assets/demo.mp4" --model "$model" --csv "$tmp/points.csv" >/dev/null 2>&1
    frames=$((frames + $(tail -n 1 "$tmp/points.csv" | cut -d , -f 1)))
  done
  awk -v n="$frames" -v a="$(now)" -v b="$from" 'BEGIN { printf "%.1f", n / (a - b) }'
}

memory=0
printf '%-8s %12s %12s %8s\n' turn 'alone, 1/s' 'beside, 1/s' ratio
turn=1
while [ "$turn" -le "$rounds" ]; do
  alone=$(rate)
  start
  beside=$(rate)
  held=$(peak)
  [ "$held" -le "$memory" ] || memory=$held
  stop
  ratio=$(awk -v a="$alone" -v b="$beside" 'BEGIN { printf "%.2f", b / a }')
  echo "$ratio" >>"$tmp/ratios"
  printf '%-8s %12s %12s %8s\n' "$turn" "$alone" "$beside" "$ratio"
  turn=$((turn + 1))
done
echo "median ratio: $(sort -n "$tmp/ratios" |
  awk '{ v[NR] = $1 } END { printf "%.2f", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }')"
echo "first step after, s:$started; of that to load the program: $(sort -n "$tmp/load" | head -n 1)"
echo "memory of the learner, MiB: $((memory / 1024))"
echo "load: $(cut -d ' ' -f 1-3 /proc/loadavg)"
