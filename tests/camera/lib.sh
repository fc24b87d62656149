# shellcheck shell=sh
# For tests with played cameras, sourced: $cameras is the folder that they lie in, $clip_frames the number
# of different pictures that they show.
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}" "${WINGTIP_CAMERA_PLAYER:?}"
cameras=''
clip_frames=4

# preloaded COMMAND...: with the cameras in place of this computer's. The player comes before the address
# sanitizer's library, which is fine, but not to it.
preloaded() {
  env LD_PRELOAD="$WINGTIP_CAMERA_PLAYER" WINGTIP_CAMERAS="$cameras" \
    ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" "$@"
}

# pictures FORMAT WIDTHxHEIGHT FILE: the first pictures of the clip as a camera sends them.
pictures() {
  case $1 in
  MJPG) set -- "$@" yuvj422p '-c:v mjpeg -q:v 2 -f mjpeg' ;;
  YUYV) set -- "$@" yuyv422 '-f rawvideo' ;;
  NV12) set -- "$@" nv12 '-f rawvideo' ;;
  esac
  # shellcheck disable=SC2086
  ffmpeg -nostdin -v error -y -i "$WINGTIP_SOURCE/assets/demo.mp4" -frames:v "$clip_frames" \
    -vf "scale=$(echo "$2" | tr x :):out_color_matrix=bt601,setsar=1" -pix_fmt "$4" $5 "$3"
}

# plug NUMBER NAME MODE...: a camera, or another one in its place. MODE: "FORMAT WIDTHxHEIGHT RATE...".
plug() {
  device=$cameras/video$1
  mkdir -p "$device" || exit 1
  echo "$2" >"$device/name"
  echo 0 >"$device/index"
  : >"$device/held"
  rm -f "$device/state" "$device/log"
  shift 2
  printf '%s\n' "$@" >"$device/modes"
  for mode in "$@"; do
    # shellcheck disable=SC2086
    set -- $mode
    [ -s "$cameras/$1-$2" ] || pictures "$1" "$2" "$cameras/$1-$2" || exit 1
    ln -sf "$cameras/$1-$2" "$device/$1-$2"
  done
}

state() { # NUMBER STATE [ARGUMENT]
  echo "$2 ${3-}" >"$cameras/state.new" && mv "$cameras/state.new" "$cameras/video$1/state"
}
unplug() { mv "$cameras/video$1" "$cameras/gone$1"; }
replug() { mv "$cameras/gone$1" "$cameras/video${2-$1}"; }

# streamed NUMBER: how it streamed last, as in "MJPG 640x480 at 30".
streamed() { sed -n 's/^streams //p' "$cameras/video$1/log" 2>/dev/null | tail -n 1; }
