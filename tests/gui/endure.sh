#!/bin/sh
# The window for minutes, and what grows meanwhile; by hand, no part of the suite:
#   WINGTIP_EXE=... WINGTIP_SOURCE=$PWD WINGTIP_CAMERA_PLAYER=.../camera_player.so sh tests/gui/endure.sh [MINUTES [SEED]]
# A played camera; views, points, smoothing, panel and recording are switched at random moments, and the camera is
# unplugged and comes back. Every 5 s a line: seconds, memory (MB), descriptors, threads, recordings. At
# the end descriptors and threads are as after the first round, and memory is at most 32 MB more (with the
# address sanitizer, which keeps what was freed, that is not compared: it reports leaks itself).
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"
# shellcheck source=../camera/lib.sh disable=SC1091
. "$(dirname "$0")/../camera/lib.sh"
minutes=${1:-6}
seed=${2:-$(($(date +%s) % 100000))}
echo "seed $seed, $minutes minutes"

start_display
cameras=$here/cameras
mkdir "$cameras" "$here/videos"
plug 0 "Desk Cam" "MJPG 640x360 30" "MJPG 1280x720 30"
exe=$WINGTIP_EXE
cat >"$here/preloaded" <<END
#!/bin/sh
LD_PRELOAD=$WINGTIP_CAMERA_PLAYER WINGTIP_CAMERAS=$cameras
ASAN_OPTIONS=\${ASAN_OPTIONS:+\$ASAN_OPTIONS:}verify_asan_link_order=0
export LD_PRELOAD WINGTIP_CAMERAS ASAN_OPTIONS
exec $exe "\$@"
END
chmod +x "$here/preloaded"
WINGTIP_EXE=$here/preloaded

draw() { # from 0 to below $1, in $drawn
  seed=$(((seed * 1103515245 + 12345) % 2147483648))
  drawn=$((seed / 65536 % $1))
}
begun() { count "window: recording to"; }
saved() { count "window: saved $here/"; }
recording() { [ "$(begun)" -gt "$(saved)" ]; }
resting() { ! recording; }
settle() { # nothing is recorded, the camera is there
  [ ! -d "$cameras/gone0" ] || come_back
  wait_for "the camera" plugged
  wait_for "the end of a recording" quiet
  sleep 3
}
plugged() { [ "$(count 'window: the camera is back')" -eq "$unplugged" ]; }
missed() { [ "$(count 'has gone')" -eq "$unplugged" ]; }
come_back() { # not before it was missed: then nothing would say that it is back
  wait_for "word of the camera" missed
  replug 0
}
quiet() { # also one that was asked for while there was no frame, and begins with the next
  if recording; then
    key r
    sleep 2
    return 1
  fi
  sleep 2
  resting
}
sample() { # the seconds so far, MB, descriptors, threads
  sampled="$(($(date +%s) - started)) $(($(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$program_pid/status") / 1024)) \
$(find "/proc/$program_pid/fd" -type l 2>/dev/null | wc -l) $(find "/proc/$program_pid/task" -mindepth 1 -maxdepth 1 | wc -l)"
}
switch() { # one of what can be switched
  draw 24
  case $drawn in
  0 | 1 | 2 | 3)
    key r # what was saved before is not needed
    recording || find "$here" -maxdepth 1 -name '*.mkv' -type f -delete
    ;;
  4)
    if [ -d "$cameras/gone0" ]; then
      come_back
    elif plugged; then
      unplugged=$((unplugged + 1))
      unplug 0
    fi
    ;;
  *)
    # shellcheck disable=SC2086
    set -- $keys
    draw $#
    shift "$drawn"
    key "$1"
    ;;
  esac
}
keys='l m b x e a t v o p Tab l m b x e a plus minus f'

model=fast
start --size 1000x700 --no-smooth --camera 0 --no-config --record "$here/record.mkv"
unplugged=0
wait_for "a recording" recording
started=$(date +%s)
for k in m b x e a m b x e a; do key "$k" && sleep 1; done
sleep 20
settle
sample
first=$sampled
echo "seconds MB descriptors threads recordings"
echo "$first $(saved)   (after the first round)"
next=$(date +%s)
while [ $(($(date +%s) - started)) -lt $((minutes * 60)) ]; do
  kill -0 "$program_pid" 2>/dev/null || fail "the program has ended"
  switch
  draw 20
  sleep "$((drawn / 10)).$((drawn % 10))"
  [ "$(date +%s)" -lt "$next" ] || {
    sample
    echo "$sampled $(saved)"
    next=$(($(date +%s) + 5))
  }
done
settle
sample
echo "$sampled $(saved)   (at the end)"
# shellcheck disable=SC2086
set -- $first $sampled
key q
ends 0
grep -v '^wingtip: \(debug\|info\)' "$here/log" | sort | uniq -c
echo "memory $(($6 - $2)) MB, descriptors $(($7 - $3)), threads $(($8 - $4)) more"
if grep -q 'Sanitizer' "$here/log"; then
  fail "a sanitizer's report"
fi
[ "$7" -le "$3" ] || fail "descriptors: $7, were $3"
[ "$8" -le "$4" ] || fail "threads: $8, were $4"
[ -n "${ASAN_OPTIONS-}" ] || [ $(($6 - $2)) -le 32 ] || fail "memory: $6 MB, was $2"
