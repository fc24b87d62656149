# shellcheck shell=sh
# For the window tests, sourced: a display of their own, the program in it, keys, pictures.
# Everything that is started here is ended here, and nothing else.
set -u
display_pid='' program_pid='' other_pid='' window='' here=''

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
  [ -z "$other_pid" ] || kill "$other_pid" 2>/dev/null # it may wait for what does not come any more
  wait 2>/dev/null
  [ -z "$here" ] || rm -rf "$here"
  exit "$status"
}

# Seconds after which something hangs. Slow is no failure: the computer may be busy otherwise.
hangs=600

# wait_for WHAT COMMAND...: until the command succeeds, which may itself wait for something. So
# nothing is kept in variables, which would be shared: only a function's arguments are its own. Time is
# counted in turns: asking for it in each takes as many processors' seconds as the command.
wait_for() {
  set -- "$((hangs * 10))" "$@"
  until try "$@"; do
    [ "$1" -gt 0 ] || fail "waited in vain for $2"
    turns=$(($1 - 1))
    shift
    set -- "$turns" "$@"
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
  # A number of its own: a server that ends removes the socket of its number, which by then may be that of
  # the next test's server, if that one takes the lowest number that is free. Without -noreset it starts anew
  # when its last client goes, and turns those away that come at that moment: the next program's window.
  Xvfb ":$((1000 + $$ % 30000))" -displayfd 3 -noreset -screen 0 1280x900x24 -nolisten tcp 3>"$here/display" 2>/dev/null &
  display_pid=$!
  wait_for "a display" test -s "$here/display"
  DISPLAY=:$(cat "$here/display")
  export DISPLAY
  unset WAYLAND_DISPLAY XDG_SESSION_TYPE WINGTIP_SHADER_DIR
  # The window's own thread draws: several wait for one another, on processors that other tests want. Mesa's
  # (22.3) tells of a drawing that is done when the other one may have freed what it tells by, and
  # waits for ever where free memory is filled, as meson has it (MALLOC_PERTURB_).
  export SDL_VIDEODRIVER=x11 LIBGL_ALWAYS_SOFTWARE=1 LP_NUM_THREADS=0
  # Settings of the tests' own. Without the first start's hint, which would lie in pictures.
  XDG_CONFIG_HOME=$here/config
  export XDG_CONFIG_HOME
  config=$here/config/wingtip/wingtip.conf
  mkdir -p "$here/config/wingtip"
  echo 'hints = no' >"$config"
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

# last TEXT: what follows it in the last line of the log that begins so.
last() {
  sed -n "/^wingtip: debug: $1/h;\${x;s/^wingtip: debug: $1//p;}" "$here/log"
}

# sees N: waits until so many faces are shown. A window is there before its first picture has been tracked.
sees() {
  wait_for "$1 faces" shows_faces "$1"
}
shows_faces() {
  [ "$(last 'window: faces ')" = "$1" ]
}

# place WIDGET: its place in the window, as it was logged last: X Y WIDTH HEIGHT.
place() {
  set -- "^wingtip: debug: ui: $1 \\(-\\{0,1\\}[0-9]\\{1,\\} -\\{0,1\\}[0-9]\\{1,\\} [0-9]\\{1,\\} [0-9]\\{1,\\}\\)\$"
  sed -n "/$1/h;\${x;s/$1/\\1/p;}" "$here/log"
}

height() {
  xdotool getwindowgeometry --shell "$window" | sed -n 's/^HEIGHT=//p'
}

mouse() {
  xdotool mousemove --window "$window" "$1" "$2"
}

# visible WIDGET: turns the wheel over the panel until the widget is within the window.
visible() {
  # shellcheck disable=SC2046  # four numbers
  set -- "$1" $(place "$1")
  [ $# -eq 5 ] || return 1
  [ "$3" -lt 2 ] || [ "$(($3 + $5 + 8))" -gt "$(height)" ] || return 0
  mouse "$(($2 + 4))" "$(($(height) / 2))"
  if [ "$3" -lt 2 ]; then xdotool click 4; else xdotool click 5; fi
  sleep 0.2
  return 1
}

# point WIDGET [PERCENT]: the mouse on it, so far from its left end (50: its middle).
point() {
  xdotool windowfocus "$window"
  wait_for "the mouse on $1" pointed "$1" "${2:-50}"
}

# It may still be on its way there, when the wheel has just turned: then the mouse is on something else. Once the
# window says that the mouse is on it where it was moved to, it has dealt with all that came before.
pointed() {
  visible "$1" || return 1
  # shellcheck disable=SC2046  # four numbers
  set -- "$1" "$2" $(place "$1")
  mouse "$(($3 + $5 * $2 / 100))" "$(($4 + $6 / 2 - 1))"
  set -- "$1" "$(($3 + $5 * $2 / 100))" "$(($4 + $6 / 2))" "$3 $4 $5 $6"
  mouse "$2" "$3"
  for _ in $(seq 50); do
    [ "$4" = "$(place "$1")" ] || return 1
    [ "$1 at $2 $3" = "$(last 'ui: mouse on ')" ] && return
    sleep 0.1
  done
  return 1
}

# click WIDGET [PERCENT]: once. A line of text that comes above it may move it away at the last moment: the window
# says what was pressed, and if that is something else, it is tried again.
click() {
  wait_for "a click on $1" clicked_on "$1" "${2:-50}"
}
clicked_on() {
  point "$1" "$2"
  set -- "$1" "$(count "ui: pressed ")"
  xdotool click 1
  wait_for "a press" more_than "$2" "ui: pressed "
  [ "$(last 'ui: pressed ')" = "$1" ]
}

# clicks WIDGET TEXT: clicks it once and waits until the window says so.
clicks() {
  before=$(count "window: $2")
  click "$1"
  wait_for "\"$2\" after a click on $1" more_than "$before" "window: $2"
}

# choose LIST ITEM: opens the list and takes the item.
choose() {
  before=$(count "ui: $1: $2 ")
  click "$1"
  wait_for "the list $1" more_than "$before" "ui: $1: $2 "
  sleep 0.3 # it finds its place in the second frame
  click "$1: $2"
}

listed() { [ -n "$(place "$1")" ]; }

# types TEXT: into the field that typing has begun in, or is about to: before, letters are keys. Instead of what
# is there.
types() {
  wait_for "a field that is typed in" typing
  xdotool key ctrl+a
  xdotool type --delay 30 -- "$1"
}
typing() {
  [ "$(last 'ui: typing ')" = begins ]
}

# type_into FIELD TEXT: instead of what is there.
type_into() {
  click "$1"
  types "$2"
}

# unfold SECTION WIDGET: opens the section of the panel that has the widget. The section may have been on its
# way to another place when it was clicked.
unfold() {
  wait_for "the section $1" unfolded "$1" "$2"
}
unfolded() {
  listed "$2" && return
  click "$1"
  for _ in $(seq 50); do
    listed "$2" && return
    sleep 0.1
  done
  return 1
}

# remembered KEY VALUE: the file of settings says so, sooner or later.
remembered() {
  wait_for "$1 = $2 in the file of settings" grep -qx -- "$1 = $2" "$config"
}

# shot NAME: a screenshot with S, renamed to NAME.png.
shot() {
  press s "saved $here/wingtip-"
  set -- "$1" "$(sed -n "s/.*window: saved //p" "$here/log" | tail -n 1)"
  [ -s "$2" ] || fail "no screenshot $2"
  mv "$2" "$here/$1.png"
}

# differing A B [WxH+X+Y [PERCENT]]: how many pixels differ visibly, or by that much.
differing() {
  region=${3:+[$3]}
  n=$(compare -metric AE -fuzz "${4:-4}%" "$here/$1.png$region" "$here/$2.png$region" null: 2>&1)
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
