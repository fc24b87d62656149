#!/bin/sh
# The shaders draw what the processor draws for recordings, and at the same place: a pixel aside
# the two pictures differ more. (Rims differ a little: the window's points have one each.)
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
make_picture 2 face

# rmse A B DX DY: difference of the inner parts, B taken DX, DY further, in millionths.
rmse() {
  compare -metric RMSE "$here/$1.png[600x420+10+10]" \
    "$here/$2.png[600x420+$((10 + $3))+$((10 + $4))]" null: 2>&1 |
    sed 's/.*(\(.*\)).*/\1/' | awk '{printf "%.0f\n", 1e6 * $1}'
}

# same WHAT LIMIT TRACK-OPTION...
same() {
  shown=$1 limit=$2
  shift 2
  "$WINGTIP_EXE" track "$here/face.png" -o "$here/processor.png" "$@" >"$here/out" 2>"$here/log" ||
    fail "track $*"
  launch --input "$here/face.png" --size 640x480 --no-status --show "$shown" --frames 1 \
    --last-picture "$here/window.png"
  ends 0
  there=$(rmse processor window 0 0)
  plain=$(rmse processor face 0 0)
  echo "$shown: $there millionths apart; without overlay $plain"
  [ "$plain" -gt $((2 * there)) ] || fail "$shown: hardly more like the other than like nothing"
  [ "$there" -lt "$limit" ] || fail "$shown: $there, expected less than $limit"
  for by in '1 0' '-1 0' '0 1' '0 -1'; do
    # shellcheck disable=SC2086  # two numbers
    aside=$(rmse processor window $by)
    [ "$aside" -gt "$there" ] || fail "$shown: nearer at $by"
  done
}

same heatmaps 10000 --heatmaps --no-landmarks
same boundary 10000 --boundary --no-landmarks
same heatmaps,boundary 10000 --heatmaps --boundary --no-landmarks
same landmarks 20000
echo passed
