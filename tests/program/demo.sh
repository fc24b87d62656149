#!/bin/sh
# The main job without a display: `wingtip demo`, which is also what `wingtip` without any word does
# there, leaves a video and a contact sheet under new names and says where; what goes wrong is one
# line, and nothing is left of it.
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}"
for tool in ffmpeg ffprobe convert identify; do
  command -v "$tool" >/dev/null || {
    echo "$tool is not installed"
    [ -n "${CI-}" ] && exit 1
    exit 77
  }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
unset DISPLAY WAYLAND_DISPLAY SDL_VIDEODRIVER XDG_RUNTIME_DIR
failed=0
clip=$WINGTIP_SOURCE/assets/demo.mp4

ok() { # WHAT COMMAND...
  what=$1
  shift
  if "$@" >check.out 2>&1; then
    echo "ok   $what"
  else
    echo "FAIL $what"
    sed 's/^/     /' check.out out err
    failed=$((failed + 1))
  fi
}

# named ENDING: the newest file's full path as the last run printed it.
named() {
  sed -n "s/^[A-Z][a-z]*  *\(\/.*\.$1\)\$/\1/p" out
}
frames() {
  ffprobe -v error -count_frames -select_streams v -show_entries stream=nb_read_frames \
    -of csv=p=0 "$1" | tr -d ',\n'
}
size() { identify -format '%wx%h' "$1"; }
# A picture's standard deviation in percent: a blank one has none.
varied() { [ "$(convert "$1" -format '%[fx:round(100*standard_deviation)]' info:)" -ge 5 ]; }
says() { grep -qF -- "$1" out; }
one_line() { [ "$(wc -l <err)" -eq 1 ] && grep -qF -- "$1" err && [ ! -s out ]; }
files() { find "$1" -type f | wc -l; }

# Twelve frames of the clip and one word: the whole run in little time. At 2 frames a second they
# last 6 seconds, so each part has four of them.
mkdir pictures
ffmpeg -v error -i "$clip" -vf "select=not(mod(n\,18))" -vsync 0 -frames:v 12 pictures/%02d.png || exit 1
ffmpeg -v error -framerate 2 -i pictures/%02d.png -pix_fmt yuv420p short.mp4 || exit 1

ok "a video without a display, into a new folder" "$WINGTIP_EXE" demo short.mp4 --out "of today/made"
mv "of today/made" made
"$WINGTIP_EXE" demo short.mp4 --out made >out 2>err
ok "again: exit status 0" [ $? -eq 0 ]
ok "new names the second time" [ "$(files made)" -eq 4 ]
video=$(named mp4) sheet=$(named png)
ok "paths are whole" [ -s "$video" -a -s "$sheet" ]
ok "every frame is in the video" [ "$(frames "$video")" = 12 ]
ok "the sheet: four by three tiles" [ "$(size "$sheet")" = 1940x1096 ]
ok "the sheet is not blank" varied "$sheet"
ok "frames a second" grep -q '^Tracked  12 frames, [0-9.]* a second' out
ok "faces" grep -q '^Faces    [12]' out
ok "what is shown when" grep -q '^ *2.0 to 4.0 s: landmarks + heatmaps' out
ok "how to see the window" says 'ssh -X'
ok "a line of progress" grep -q '12 of 12 frames' err

# Heatmaps and boundary are really there: those parts are greener than the first. Each row of the
# sheet is one of them; the pictures below are the same but for what is drawn.
ffmpeg -v error -loop 1 -framerate 2 -t 6 -i pictures/01.png -pix_fmt yuv420p still.mp4 || exit 1
"$WINGTIP_EXE" demo still.mp4 --out made >out 2>err
still=$(named png)
row() { convert "$still" -crop "1940x360+0+$((4 + 364 * $1))" +repage "row$1.png"; }
for i in 0 1 2; do row "$i"; done
differs() { [ "$(compare -metric AE -fuzz 10% "row$1.png" "row$2.png" null: 2>&1 | cut -d. -f1)" -gt 20000 ]; }
ok "heatmaps" differs 0 1
ok "boundary" differs 0 2
ok "which are not the same" differs 1 2

# stopped FOLDER TEXT: no word at all, in this folder; ended when it has said TEXT on standard error.
stopped() {
  mkdir "$1"
  : >err
  (cd "$1" && TEXT=$2 timeout 600 sh -c '
    "$WINGTIP_EXE" >../out 2>../err &
    until grep -q "$TEXT" ../err || ! kill -0 $!; do sleep 0.2; done
    kill -TERM $!
    wait $!')
}

stopped here 'frames, '
ok "wingtip alone, and ended early: exit status 0" [ $? -eq 0 ]
ok "it says what it is" grep -q 'wingtip demo' err
ok "no word of the libraries'" [ "$(grep -c '^error' err)" -eq 0 ]
ok "what was there is kept" [ "$(files here)" -eq 2 ]
ok "a sheet of it" varied "$(named png)"
ok "a video of it" [ "$(frames "$(named mp4)")" -ge 1 ]

# A display that is set, but dead, is none. Stopped so early there is all or nothing.
DISPLAY=:987654 stopped dead 'wingtip demo'
ok "a dead display" grep -q 'wingtip demo' err
ok "stopped at once: both files or none" [ "$(files dead)" -eq 2 -o "$(files dead)" -eq 0 ]

# As much as wanted
"$WINGTIP_EXE" demo short.mp4 --seconds 1.5 --out made >out 2>err
ok "--seconds" [ "$(frames "$(named mp4)")" = 3 ]

# live keeps its error, with a hint
"$WINGTIP_EXE" live >out 2>err
ok "live: exit status 1" [ $? -eq 1 ]
ok "live hints at the demo" grep -q 'no display for a window.*wingtip demo' err

# What goes wrong
count=$(files .)
bad() { # STATUS MESSAGE ARGUMENT...
  want=$1 message=$2
  shift 2
  "$WINGTIP_EXE" demo "$@" >out 2>err </dev/null
  got=$?
  ok "refused: $message" [ "$got" -eq "$want" ]
  ok "in one line" one_line "$message"
}
mkdir empty
bad 1 'short.mp4: cannot make this folder: Not a directory' short.mp4 --out short.mp4
bad 1 'short.mp4/deeper: cannot make this folder: Not a directory' short.mp4 --out short.mp4/deeper
bad 1 'none.mp4: No such file' none.mp4 --out nowhere
ok "no folder for nothing" [ ! -e nowhere ]
bad 1 'none.safetensors' short.mp4 --model none.safetensors --out empty
bad 2 'only one of' short.mp4 --input short.mp4 --out empty
bad 2 'out of range (0.1 to 3600)' short.mp4 --seconds 0
bad 2 'track --help' - --out empty
chmod 555 empty
if [ "$(id -u)" -ne 0 ]; then # nothing is forbidden to root
  bad 1 'Permission denied' short.mp4 --out empty
fi
chmod 755 empty
ok "nothing is left" [ "$(files .)" -eq "$count" ]

# A disk that gets full while the video is written: as large as a file may be.
mkdir full
(ulimit -f 16 && exec "$WINGTIP_EXE" demo short.mp4 --out full) >out 2>err
ok "full disk: exit status 1" [ $? -eq 1 ]
ok "one error" [ "$(grep -c '^wingtip: error' err)" -eq 1 ]
ok "no sheet" [ "$(find full -name '*.png' | wc -l)" -eq 0 ]

exit "$((failed > 0))"
