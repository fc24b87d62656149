#!/bin/sh
# Our engine and the others on this computer: same network, same run, same number of threads.
#   sh tests/bench/peers.sh [--network SxW[xP]|FILE]... [--threads N] [--only PATTERN] ...
# Installs onnxruntime and OpenVINO (into .build/venv-bench) and Debian's PyTorch with oneDNN, builds
# ours, says how long it will take, and prints tables in Markdown, each as soon as it is measured.
# Ctrl-C shows what there is up to then. --tables and --rounds make it shorter; --help lists the options.
# A measurement, not a test: run it on an idle computer.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
build=$root/.build/test
venv=$root/.build/venv-bench

case " $* " in *' --help '* | *' -h '*) exec python3 "$root/tests/bench/peers.py" --help ;; esac

sh "$root/app/install.sh" test
sh "$root/app/install.sh" bench
[ -f "$build/build.ninja" ] || meson setup --buildtype=release "$build" "$root" >&2
ninja -C "$build" --quiet app/wingtip tests/bench/ours >&2
if ! "$venv/bin/python" -c 'import numpy, onnx, onnxruntime, openvino' 2>/dev/null; then
  echo "Installing onnxruntime and OpenVINO into .build/venv-bench" >&2
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install -q --only-binary :all: numpy onnx onnxruntime openvino >&2
fi
exec "$venv/bin/python" "$root/tests/bench/peers.py" --build "$build" "$@"
