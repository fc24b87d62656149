#!/bin/sh
# Streams of the live window: JSON lines on standard output, packets and bundles, their switches in the panel, what is
# remembered; a reader that takes nothing, or ends, holds nothing up. And the window's icon.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"
: "${WINGTIP_LISTEN:?}"

start_display
clip=$WINGTIP_SOURCE/assets/demo.mp4
model=fast
listen() { # KIND N: a client; $port is where it listens
  : >"$here/heard" # before the client starts: until it does, the port of the one before would be read
  "$WINGTIP_LISTEN" "$@" >"$here/heard" 2>&1 &
  other_pid=$!
  wait_for "a port" test -s "$here/heard"
  port=$(head -n 1 "$here/heard")
}
heard() {
  wait_for "the client's end" client_ended
  wait "$other_pid" || fail "the client: $(tail -n 1 "$here/heard")"
  other_pid=''
}
client_ended() { ! kill -0 "$other_pid"; }

listen osf 5
start --input "$clip" --loop --size 700x560 --no-status --jsonl - --osf-udp "127.0.0.1:$port"
heard
[ "$(grep -c '^face ' "$here/heard")" -ge 5 ] || fail "no faces in the packets"
wait_for "lines" sh -c '[ "$(wc -l <"$1")" -ge 5 ]' sh "$here/out"
head -n 5 "$here/out" | python3 -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert [l["frame"] for l in lines] == [1, 2, 3, 4, 5], lines
assert any(len(l["faces"]) and len(l["faces"][0]["points"]) == 98 for l in lines)' || fail "the lines"
# Nobody listens any more: told once, and it goes on.
wait_for "a line about it" grep -q "OpenSeeFace packets to 127.0.0.1:$port: nobody listens there" "$here/log"

if command -v xprop >/dev/null; then
  xprop -id "$window" -len 12 -notype 32c _NET_WM_ICON | grep -q 'Icon (128 x 128)\|= 128, 128' || fail "no icon"
fi

# The panel.
press Tab "panel opened"
unfold Streams "VMC to"
listen vmc 5
type_into "VMC to" "127.0.0.1:$port"
press Return "VMC: 127.0.0.1:$port"
heard
[ "$(grep -c '^ok [01] t ' "$here/heard")" -eq 5 ] || fail "bundles"
remembered vmc "127.0.0.1:$port"
clicks VMC "VMC off"
wait_for "it is remembered" sh -c '! grep -q "^vmc = 1" "$1"' sh "$config"
clicks OpenSeeFace "OpenSeeFace off"
clicks OpenSeeFace "OpenSeeFace: "
clicks "Virtual camera" "Virtual camera: /dev/video"
wait_for "a word about it" grep -q "virtual camera to /dev/video.*: " "$here/log"
key q
ends 0
[ "$(grep -c 'OpenSeeFace packets to .*: nobody' "$here/log")" -le 2 ] || fail "told again and again"

# The next run sends where this one did; wrong addresses.
echo 'vmc = nonsense' >"$config"
launch --input "$clip" --size 320x240 --frames 3
ends 0
grep -q 'is not HOST:PORT' "$here/log" || fail "nothing about a remembered address that is none"
echo 'hints = no' >"$config"

# A reader that takes nothing, and one that ends.
mkfifo "$here/pipe"
exec 5<>"$here/pipe" # open for reading, but nobody reads
: >"$here/log"
"$WINGTIP_EXE" live --model fast --size 320x240 --input "$clip" --frames 40 --jsonl - >"$here/pipe" 2>"$here/log" || fail "a reader that takes nothing"
exec 5>&-
"$WINGTIP_EXE" live --model fast --size 320x240 --input "$clip" --frames 40 --jsonl - 2>"$here/log" | head -n 1 >"$here/first"
[ "$(wc -l <"$here/first")" -eq 1 ] || fail "no line for a reader that ends"
grep -c 'Broken pipe' "$here/log" | grep -qx 1 || fail "not told once that the reader has ended"
echo passed
