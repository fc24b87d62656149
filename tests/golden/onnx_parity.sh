#!/bin/sh
# Runs onnx_parity.py with the Python that tests/run.sh prepared, or else the one on the path.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
exec "${WINGTIP_PYTHON:-python3}" "$here/onnx_parity.py" "$@"
