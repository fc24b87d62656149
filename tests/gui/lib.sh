# shellcheck shell=sh
# For the window tests, sourced: a display of their own, the program in it, keys, pictures.
# Everything that is started here is ended here, and nothing else.
set -u
display_pid='' program_pid='' window='' here=''

exec 4>&1 # a failure inside what wait_for tries must be seen

fail() {
  {
    echo "FAILED: $*"
    [ -n "$here" ] && [ -f "$here/log" ] && tail -n 15 "$here/log"
  } >&4
  exit 1
}

skip() {
  [ -z "${CI-}" ] || fail "$*"
  echo "skipped: $*"
  exit 77
}

finish() {
  status=$?
  trap - EXIT
  [ -z "$program_pid" ] || kill -9 "$program_pid" 2>/dev/null
  [ -z "$display_pid" ] || kill "$display_pid" 2>/dev/null
  wait 2>/dev/null
  [ -z "$here" ] || rm -rf "$here"
  exit "$status"
}

# Seconds after which something hangs. Slow is no failure: the computer may be busy otherwise.
hangs=600

# wait_for WHAT COMMAND...: until the command succeeds, which may itself wait for something. So
# nothing is kept in variables, which would be shared: only a function's arguments are its own.
wait_for() {
  set -- "$(($(date +%s) + hangs))" "$@"
  until try "$@"; do
    [ "$(date +%s)" -lt "$1" ] || fail "waited in vain for $2"
    [ -z "$program_pid" ] || kill -0 "$program_pid" 2>/dev/null ||
      fail "the program has ended, waiting for $2"
    sleep 0.1
  done
}

try() {
  shift 2
  "$@" >/dev/null 2>&1
}

start_display() {
  for tool in Xvfb xdotool compare convert ffmpeg ffprobe; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
  done
  here=$(mktemp -d) || exit 1
  trap finish EXIT
  trap 'exit 1' INT TERM
  Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp 3>"$here/display" 2>/dev/null &
  display_pid=$!
  wait_for "a display" test -s "$here/display"
  DISPLAY=:$(cat "$here/display")
  export DISPLAY
  unset WAYLAND_DISPLAY XDG_SESSION_TYPE WINGTIP_SHADER_DIR
  export SDL_VIDEODRIVER=x11 LIBGL_ALWAYS_SOFTWARE=1
}

# launch ARGUMENT...: runs `wingtip live`; for a window that closes by itself, at once perhaps.
# Pictures go to $folder. Without --model it depends on the computer which one is taken: $model, unless empty.
model=accurate
launch() {
  : >"$here/log"
  "$WINGTIP_EXE" live ${model:+--model "$model"} --log-level debug --screenshots "${folder:-$here}" "$@" >"$here/out" 2>"$here/log" &
  program_pid=$!
}

# start ARGUMENT...: the same, and waits for its window.
start() {
  launch "$@"
  wait_for "the window" find_window
}

find_window() {
  window=$(xdotool search --onlyvisible --name '^Wingtip$' 2>/dev/null | head -n 1)
  [ -n "$window" ]
}

key() {
  xdotool windowfocus "$window" key "$1"
}

count() { # lines of the log with this text
  grep -c -F -- "$1" "$here/log"
}

more_than() {
  [ "$(count "$2")" -gt "$1" ]
}

# press KEY TEXT: presses it and waits until the window says so.
press() {
  before=$(count "window: $2")
  key "$1"
  wait_for "\"$2\" after key $1" more_than "$before" "window: $2"
}

# shot NAME: a screenshot with S, renamed to NAME.png.
shot() {
  press s "saved $here/wingtip-"
  set -- "$1" "$(sed -n "s/.*window: saved //p" "$here/log" | tail -n 1)"
  [ -s "$2" ] || fail "no screenshot $2"
  mv "$2" "$here/$1.png"
}

# differing A B [WxH+X+Y]: how many pixels differ visibly.
differing() {
  region=${3:+[$3]}
  n=$(compare -metric AE -fuzz 4% "$here/$1.png$region" "$here/$2.png$region" null: 2>&1)
  printf '%.0f\n' "$n" 2>/dev/null || echo 0
}

# at_least N WHAT VALUE, at_most N WHAT VALUE
at_least() { [ "$3" -ge "$1" ] || fail "$2: $3 pixels, expected at least $1"; }
at_most() { [ "$3" -le "$1" ] || fail "$2: $3 pixels, expected at most $1"; }

# ends STATUS: waits for the program to end and checks how.
ends() {
  left=$((hangs * 10))
  while kill -0 "$program_pid" 2>/dev/null && [ "$left" -gt 0 ]; do
    left=$((left - 1))
    sleep 0.1
  done
  [ "$left" -gt 0 ] || fail "the program does not end"
  wait "$program_pid"
  got=$?
  program_pid=''
  [ "$got" -eq "$1" ] || fail "exit status $got, expected $1"
}

clip() {
  echo "$WINGTIP_SOURCE/assets/demo.mp4"
}

# A picture of the clip: what does not move can be compared.
make_picture() {
  ffmpeg -v error -y -ss "$1" -i "$(clip)" -frames:v 1 "$here/$2.png" || fail "no picture"
}
