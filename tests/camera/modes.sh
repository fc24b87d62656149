#!/bin/sh
# What a camera sends is what the program sees: formats, sizes, rates, colours; the lowest number is first.
# shellcheck source=checks.sh disable=SC1091
. "$(dirname "$0")/checks.sh"

# same_picture SIZE: the first frame grabbed is one of the clip's: which ones are first depends on how
# fast the program is.
same_picture() {
  least=100
  for i in $(seq "$clip_frames"); do
    error=$(compare -metric RMSE -size "$1" -depth 8 bgr:first.raw "clip-$1-$i.png" null: 2>&1 |
      sed -n 's/.*(\([0-9.e-]*\)).*/\1/p')
    least=$(echo "$error $least" | awk '{ print $1 < $2 ? $1 : $2 }')
  done
  echo "nearest picture of the clip: $least"
  echo "$least" | awk '{ exit !($1 < 0.03) }'
}
first_frame() { # WIDTH HEIGHT
  head -c "$((3 * $1 * $2))" frames.raw >first.raw
}
clip_of() { # SIZE
  ffmpeg -nostdin -v error -i "$WINGTIP_SOURCE/assets/demo.mp4" -frames:v "$clip_frames" \
    -vf "scale=$(echo "$1" | tr x :),setsar=1" "clip-$1-%d.png"
}
all_of_size() { # SIZE FRAMES
  [ "$(grep -c "^frame $1 " out)" -eq "$2" ]
}

clip_of 640x360
clip_of 1280x720
for format in MJPG YUYV NV12; do
  plug 0 "Old Cam" "$format 640x360 30 15" "$format 1280x720 10"
  grab 0 640x360 30 5
  ok "$format 640x360" opened "Old Cam 640x360 at 30"
  ok "$format: how it streamed" [ "$(streamed 0)" = "$format 640x360 at 30" ]
  ok "$format: frames of that size" all_of_size 640x360 5
  first_frame 640 360
  ok "$format: the clip's picture" same_picture 640x360
  grab "Old Cam" 1280x720 30 3
  ok "$format 1280x720" opened "Old Cam 1280x720 at 10"
  ok "$format: how it streamed" [ "$(streamed 0)" = "$format 1280x720 at 10" ]
  first_frame 1280 720
  ok "$format: the clip's picture" same_picture 1280x720
done

# A camera that fills its rate with compressed pictures only.
plug 0 "HD Cam" "YUYV 1280x720 10 5" "YUYV 640x480 30" "MJPG 1280x720 30" "MJPG 640x480 30 60"
grab 0 1280x720 30 3
ok "compressed where it is faster" [ "$(streamed 0)" = "MJPG 1280x720 at 30" ]
grab 0 0x0 0 3
ok "the usual size and rate" [ "$(streamed 0)" = "MJPG 1280x720 at 30" ]
grab 0 640x480 60 3
ok "its highest rate" opened "HD Cam 640x480 at 60"
grab 0 1900x1000 25 3
ok "a size and a rate that it has not" opened "HD Cam 1280x720 at 30"
grab 0 640x480 30 12
ok "time passes as the camera's" awk '/^frame/ { n++; if ($3 + 0 < last) bad = 1; last = $3 }
  END { exit !(n == 12 && !bad && last >= 300) }' out

# The usual one: smooth before wide, wide before large, near 1280x720.
plug 0 "Slow Cam" "YUYV 1280x720 10" "YUYV 640x480 30" "YUYV 640x360 30" "YUYV 320x240 60"
grab 0 0x0 0 1
ok "smooth before large" [ "$(streamed 0)" = "YUYV 640x360 at 30" ]
plug 0 "Square Cam" "YUYV 640x480 30" "YUYV 320x240 30"
grab 0 0x0 0 1
ok "another shape where there is no wide one" [ "$(streamed 0)" = "YUYV 640x480 at 30" ]
plug 0 "Large Cam" "MJPG 1920x1080 30" "MJPG 1280x720 30" "MJPG 640x360 30"
grab 0 0x0 0 1
ok "not the largest" [ "$(streamed 0)" = "MJPG 1280x720 at 30" ]

# A size that only the slow format has is better than another size.
plug 0 "Odd Cam" "YUYV 640x480 30" "MJPG 1280x720 30"
grab 0 640x480 30 3
ok "the size that was asked for" opened "Odd Cam 640x480 at 30"

# Lists.
rm -rf "$cameras/video0"
for i in 13 2 10 7 4 1 21 33 5 8; do plug $i "Cam $i" "YUYV 640x360 30"; done
touch "$cameras/video1/metadata" # as the second node of many cameras
wingtip demo --seconds 0.2 --model fast --out .
ok "the first one is taken" grep -q '^Input    Cam 2$' out
state 2 busy
wingtip demo --seconds 0.2 --model fast --out .
ok "or the next that can be used" grep -q '^Input    Cam 4$' out
ok "and why not the first" grep -q 'camera "Cam 2" (/dev/video2): in use by another program' err
state 2 ok
wingtip doctor
ok "all are listed, in order" [ "$(sed -n 's/.*(\/dev\/video\([0-9]*\)).*/\1/p' out | tr '\n' ' ')" = '2 4 5 7 8 10 13 21 33 ' ]
grab 'cam 3' 640x360 30 1
ok "part of a name" opened "Cam 33 640x360 at 30"
grab /dev/video21 640x360 30 1
ok "a device" opened "Cam 21 640x360 at 30"
grab 1 640x360 30 1
ok "a node without pictures" refused 'camera "1" is not there; there is: 2 "Cam 2", 4 "Cam 4"'
exit $((failed > 0))
