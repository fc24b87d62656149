#!/bin/sh
# Our tracker beside MediaPipe's Face Mesh on this computer, end to end, from decoded frames to points: ms
# and CPU ms a frame with one face and with four, jitter, memory, start; accuracy on lists of 68 points where
# ../shared has them.
#   sh tests/bench/trackers.sh [--rounds N] [--frames N] [--no-stills]
# Installs mediapipe into .build/venv-trackers and builds ours. dlib's 68-point tracker is left out: its Python
# package has to be compiled, and its weights are no package of Debian's.
# A measurement, not a test: run it on an idle computer.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
build=$root/.build/test
venv=$root/.build/venv-trackers

sh "$root/app/install.sh" test
[ -f "$build/build.ninja" ] || meson setup --buildtype=release "$build" "$root" >&2
ninja -C "$build" --quiet tests/bench/follow >&2
if ! "$venv/bin/python" -c 'import mediapipe' 2>/dev/null; then
  echo "Installing mediapipe into .build/venv-trackers" >&2
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install -q --only-binary :all: 'mediapipe==0.10.14' 'numpy<2' 'opencv-contrib-python<5' >&2
fi
exec "$venv/bin/python" "$root/tests/bench/trackers.py" --build "$build" "$@"
