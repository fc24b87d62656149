#!/bin/sh
# Our engine against onnxruntime, same network, same run, same number of threads:
#   sh tests/bench/vs_onnxruntime.sh [--network SxW[xP]] [--threads N] [--precision P] [--rounds N]
# Default: the published size (4 stacks of width 256, 98 points; random weights), f32 on both
# sides, 2 threads; --precision bf16 or auto for ours.
# A measurement, not a test: run it on an idle computer.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
build=$root/.build/test

sh "$root/app/install.sh" test
[ -f "$build/build.ninja" ] || meson setup --buildtype=release "$build" "$root" >&2
ninja -C "$build" --quiet app/wingtip tests/golden/dump_maps >&2
for python in "${WINGTIP_PYTHON:-}" "$root/.build/venv/bin/python" python3; do
  if [ -n "$python" ] && "$python" -c 'import numpy, onnxruntime' 2>/dev/null; then
    exec "$python" "$root/tests/bench/vs_onnxruntime.py" "$build" "$@"
  fi
done
echo "No Python with onnxruntime: pip install numpy onnxruntime, or sh tests/run.sh once." >&2
exit 1
