#!/bin/sh
# A training run that is killed at random moments and resumed, to the bit; by hand, no part of the suite:
#   WINGTIP_EXE=... WINGTIP_SOURCE=$PWD sh tests/program/kills.sh [KILLS [SEED]]
# Until so many kills (40) have hit a run, it trains a small network, kills it (-9), resumes it, and at its end compares
# weights with those of the same run without a kill. Kills come between 0.2 s after the start and a
# little later than the start alone takes; each resumed run goes on at least one checkpoint.
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}"
kills=${1:-40}
seed=${2:-$(($(date +%s) % 100000))}
scratch=$(mktemp -d)
pid=''
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
echo "seed $seed"
ffmpeg -nostdin -v error -i "$WINGTIP_SOURCE/assets/demo.mp4" -frames:v 1 -vf scale=160:-2 face.png || exit 1
awk 'BEGIN {
  for (n = 0; n < 6; n++) {
    printf "face.png"
    for (i = 0; i < 98; i++)
      printf " %.2f %.2f", 80 + (20 + n) * cos(i / 15.6), 60 + (22 + n) * sin(i / 15.6)
    print ""
  } }' >list.txt
printf 'width = 16\nbatch = 2\nepochs = 12\ndata = list.txt\nvalidation = list.txt\n' >run.recipe

train() { "$WINGTIP_EXE" train --recipe run.recipe --seed 5 --threads 1 "$@" >out 2>err; }
train --out whole || {
  cat err
  exit 1
}
killed=0 ended=0 failed=0 idle=0
while [ "$killed" -lt "$kills" ]; do
  rm -rf run
  resume='' # until the first checkpoint is there
  while :; do
    # shellcheck disable=SC2086
    "$WINGTIP_EXE" train --recipe run.recipe --seed 5 --threads 1 --out run $resume >out 2>err &
    pid=$!
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    wait_ds=$((2 + seed / 65536 % (30 + 10 * idle)))
    [ "$killed" -lt "$kills" ] && sleep "$((wait_ds / 10)).$((wait_ds % 10))" && kill -9 "$pid" 2>/dev/null && killed=$((killed + 1))
    wait "$pid" 2>/dev/null
    got=$?
    pid=''
    [ "$got" -ne 137 ] && break
    steps=$({ wc -l <run/log.csv; } 2>/dev/null)
    [ "$steps" = "${last-}" ] && idle=$((idle + 1))
    last=$steps
    [ -f run/state.safetensors ] && resume=--resume || { rm -rf run && resume=; }
  done
  ended=$((ended + 1))
  if [ "$got" -ne 0 ] || ! cmp whole/last.safetensors run/last.safetensors ||
    ! cmp whole/best.safetensors run/best.safetensors || [ "$(find run -name '*.wingtip-part*' | wc -l)" -gt 0 ]; then
    echo "FAIL after $killed kills: status $got"
    sed 's/^/     /' err
    failed=$((failed + 1))
  fi
  echo "$killed kills, $ended runs to the end, $failed of them failed"
done
[ "$failed" -eq 0 ] && [ "$ended" -gt 0 ]
