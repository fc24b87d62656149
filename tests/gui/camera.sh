#!/bin/sh
# Cameras in the window: another one is chosen in the panel; one that is busy is told and leaves the old one; one
# is unplugged and comes back; another size is chosen.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"
# shellcheck source=../camera/lib.sh disable=SC1091
. "$(dirname "$0")/../camera/lib.sh"

start_display
cameras=$here/cameras
mkdir "$cameras"
plug 0 "Desk Cam" "MJPG 640x360 30" "MJPG 1280x720 30"
plug 2 "Blue Cam" "YUYV 640x360 30"
plug 5 "Third Cam" "NV12 640x360 30"
rm "$cameras/video2/YUYV-640x360"
ffmpeg -nostdin -v error -f lavfi -i color=c=blue:s=640x360 -frames:v 3 -pix_fmt yuyv422 -f rawvideo \
  "$cameras/video2/YUYV-640x360" || fail "no pictures"

echo "3 300 10 2000 10" >"$cameras/video0/exposure"
ffmpeg -nostdin -v error -f lavfi -i color=c=black:s=640x360 -frames:v 3 -pix_fmt yuvj422p -c:v mjpeg -f mjpeg \
  "$here/black" || fail "no pictures"

# The program with these cameras.
cat >"$here/preloaded" <<END
#!/bin/sh
LD_PRELOAD=$WINGTIP_CAMERA_PLAYER WINGTIP_CAMERAS=$cameras
ASAN_OPTIONS=\${ASAN_OPTIONS:+\$ASAN_OPTIONS:}verify_asan_link_order=0
export LD_PRELOAD WINGTIP_CAMERAS ASAN_OPTIONS
exec $WINGTIP_EXE "\$@"
END
chmod +x "$here/preloaded"
WINGTIP_EXE=$here/preloaded

streams() { [ "$(streamed "$1")" = "$2" ]; }
blue() { # is the picture beside the panel? $1: 1 yes, 0 no
  shot blue
  [ "$(convert "$here/blue.png" -crop 200x100+100+250 -format '%[fx:mean.b>3*mean.r+0.2]' info:)" = "$1" ]
}

# Nothing given: the first one.
model=fast
start --size 1000x700 --no-status
wait_for "the first camera" streams 0 "MJPG 1280x720 at 30"
wait_for "its picture" blue 0
press Tab "panel opened"
choose Camera "Blue Cam"
wait_for "the second camera" streams 2 "YUYV 640x360 at 30"
wait_for "a blue picture" blue 1
remembered camera "Blue Cam"

# One that is busy: the old one goes on.
state 5 busy
choose Camera "Third Cam"
wait_for "word of it" grep -q 'error: camera "Third Cam" (/dev/video5): in use by another program' "$here/log"
wait_for "the old one" grep -q 'camera "Blue Cam" is back' "$here/log"
wait_for "its picture" blue 1
sleep 2
remembered camera "Blue Cam"

# Back to the first; it is unplugged, and comes back with another number.
choose Camera "Desk Cam"
wait_for "the first camera" blue 0
unplug 0
wait_for "word of it" grep -q 'camera "Desk Cam" has gone' "$here/log"
replug 0 7
wait_for "the camera" grep -q 'window: the camera is back' "$here/log"
wait_for "its stream" streams 7 "MJPG 1280x720 at 30"
wait_for "its picture" blue 0

# Exposure: by hand, and back.
exposed() { [ "$(cat "$cameras/video7/exposure")" = "$1" ]; }
click "Automatic exposure"
wait_for "exposure by hand" exposed "1 300 10 2000 10"
click "Automatic exposure"
wait_for "automatic exposure" exposed "3 300 10 2000 10"

# Smaller; its lid is closed.
dark() { grep -q 'camera "Desk Cam" sends a black picture' "$here/log"; }
ln -sf "$here/black" "$cameras/video7/MJPG-640x360"
choose Size "640 x 360, up to 30"
wait_for "a smaller picture" streams 7 "MJPG 640x360 at 30"
wait_for "word of the black picture" dark
choose Size automatic
wait_for "the usual picture" streams 7 "MJPG 1280x720 at 30"
wait_for "it" blue 0
key q
ends 0
echo passed
