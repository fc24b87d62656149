# shellcheck shell=sh
# For the tests without a window, sourced: a scratch folder to work in, checks, grab.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"
: "${WINGTIP_GRAB:?}"
for tool in ffmpeg compare convert; do
  command -v "$tool" >/dev/null || {
    echo "$tool is not installed"
    [ -n "${CI-}" ] && exit 1
    exit 77
  }
done
scratch=$(mktemp -d)
pid='' holder=''
finish() {
  [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
  [ -z "$holder" ] || kill -9 "$holder" 2>/dev/null
  rm -rf "$scratch"
}
trap finish EXIT
cd "$scratch" || exit 1
unset DISPLAY WAYLAND_DISPLAY SDL_VIDEODRIVER XDG_RUNTIME_DIR
mkdir cameras
cameras=$scratch/cameras
failed=0
hangs=6000 # tenths of a second

# shellcheck source=../checks.sh disable=SC1091
. "$(dirname "$0")/../checks.sh"

# grab CAMERA SIZE RATE FRAMES: $got is its exit status.
grab() {
  : >out
  preloaded "$WINGTIP_GRAB" "$@" frames.raw >out 2>err
  got=$?
}
wingtip() {
  preloaded "$WINGTIP_EXE" "$@" >out 2>err
  got=$?
}
opened() { [ "$got" -eq 0 ] && [ "$(head -n 1 out)" = "camera $1" ]; }
refused() { # TEXT: one line with it, and status 1
  [ "$got" -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && grep -qF -- "$1" err && [ ! -s out ]
}
