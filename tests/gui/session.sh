#!/bin/sh
# `live --session` and `replay`: the same results bit for bit, also over jumps, pauses and settings that change; other weights;
# damaged sessions.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"
start_display
clip=$WINGTIP_SOURCE/assets/demo.mp4
model=fast

start --input "$clip" --loop --size 320x240 --no-status --session "$here/talk" --session-limit 1
wait_for "how much the session takes" grep -q 'session .*: at most 1.00 GB of the' "$here/log"
kept() { [ "$(wc -l <"$here/talk/session.jsonl")" -gt "$1" ]; }
wait_for "frames" kept 20
press minus "at most 3 faces"
press o "smoothing off"
wait_for "frames" kept 30
key Right
wait_for "frames" kept 45
press o "smoothing on"
wait_for "frames" kept 55
key q
ends 0
[ "$(sed 1d "$here/talk/session.jsonl" | grep -c '"reset":true')" -ge 1 ] || fail "no jump in the session"

replay() { # STATUS ARGUMENT...
  want=$1
  shift
  "$WINGTIP_EXE" replay "$@" >"$here/out" 2>"$here/log"
  got=$?
  [ $got -eq "$want" ] || fail "replay $*: status $got"
}
replay 0 "$here/talk"
grep -q '^The results are the same, bit for bit$' "$here/out" || fail "not the same"
replay 0 "$here/talk" --threads 1
grep -q '^The results are the same, bit for bit$' "$here/out" || fail "not the same with one thread"

# Another network beside it.
replay 0 "$here/talk" --model accurate -o "$here/both.mkv"
grep -q '^Results    differ in' "$here/out" || fail "no differences"
for part in jaw brows eyes nose lips 'all points'; do
  grep -q "^$part  *[0-9.]* *[0-9.]*\$" "$here/out" || fail "no line about $part"
done
awk '/^all points/ { exit !($4 > 0.1 && $4 < 20) }' "$here/out" || fail "they are not that far apart"
[ "$(ffprobe -v error -select_streams v -show_entries stream=width,height -of csv=p=0 "$here/both.mkv")" = 1280,480 ] ||
  fail "no video of both"

# What the session consists of is not overwritten.
cp -r "$here/talk" "$here/whole"
for part in video.mkv session.jsonl; do
  replay 2 "$here/talk" --model accurate -o "$here/whole/../talk/$part"
  grep -q "$part: would overwrite the input" "$here/log" || fail "no word about $part"
  cmp "$here/talk/$part" "$here/whole/$part" || fail "$part was overwritten"
done

# One number that is another one: found, and status 1.
cp -r "$here/talk" "$here/other"
sed -i '10s/"confidence":0\.\([0-9]*\)[0-8],/"confidence":0.\19,/' "$here/other/session.jsonl"
if ! cmp -s "$here/talk/session.jsonl" "$here/other/session.jsonl"; then
  replay 1 "$here/other"
  grep -q 'differ in 1 frames, the first is 9$' "$here/out" || fail "another number is not found"
fi

# A session that was cut off, in the middle of a line: the frames that are whole.
head -c 30000 "$here/talk/session.jsonl" >"$here/other/session.jsonl"
replay 0 "$here/other"

# Wrong ones: one line.
wrong() { # STATUS TEXT ARGUMENT...
  want=$1 text=$2
  shift 2
  replay "$want" "$@"
  [ "$(wc -l <"$here/log")" -eq 1 ] && grep -q "$text" "$here/log" || fail "replay $*: not told"
}
wrong 1 'session.jsonl' "$here/none"
sed -i '1s/"model_sha256":"..../"model_sha256":"0000/' "$here/other/session.jsonl"
wrong 1 'SHA-256' "$here/other"
sed '3s/"faces":\[/"faces":[7,/' "$here/talk/session.jsonl" >"$here/other/session.jsonl"
wrong 1 'session.jsonl:3: not a frame' "$here/other"
launch --input "$clip" --size 320x240 --session "$here/talk"
ends 2
grep -q 'is not empty' "$here/log" || fail "another session is overwritten"

# A limit: it ends there, and goes on without. In a loop, as slow computers track few of the frames.
launch --input "$clip" --loop --frames 60 --size 320x240 --session "$here/small" --session-limit 0.003
ends 0
grep -q 'the session is full, and has ended' "$here/log" || fail "no limit"
[ "$(du -sk "$here/small" | cut -f 1)" -lt 6000 ] || fail "more than the limit"
replay 0 "$here/small" --model fast
echo passed
