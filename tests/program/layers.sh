#!/bin/sh
# The rules of the source tree that no compiler checks: who may include what, and how long a file
# may get.
set -u
cd "${WINGTIP_SOURCE:?}" || exit 1
failed=0
files=$(find engine model app -name '*.[ch]' -o -name '*.cpp' -o -name '*.hpp' -o -name '*.inc')
[ "$(echo "$files" | wc -l)" -gt 50 ] || {
  echo "FAIL too few files: is this the source tree?"
  exit 1
}

# forbid WHAT PATTERN FILE...: none of the files includes what the pattern matches.
forbid() {
  what=$1 pattern=$2
  shift 2
  if [ $# -gt 0 ] && grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($pattern)" "$@"; then
    echo "FAIL $what"
    failed=1
  fi
}

# names FOLDER: pattern of the headers that lie there.
names() {
  find "$1" -name '*.h' -exec basename {} \; | sed 's/\./\\./' | paste -s -d '|' -
}

# shellcheck disable=SC2046,SC2086  # names of ours have no blanks
{
  forbid "engine/ knows no model and no app" "$(names model)|$(names app)" \
    $(echo "$files" | grep '^engine/')
  forbid "model/ knows no app" "$(names app)" $(echo "$files" | grep '^model/')
  forbid "SDL, OpenGL, ImGui and libav belong to app/" 'SDL|epoxy|GL/|imgui\.|libav|libsw' \
    $(echo "$files" | grep -v '^app/')
  forbid "OpenCV belongs behind *_cv.cpp" 'opencv' \
    $(echo "$files" | grep -v -e '_cv\.cpp$' -e '\.hpp$')
  forbid "ImGui belongs behind *_imgui.cpp" 'imgui\.' $(echo "$files" | grep -v '_imgui\.cpp$')
  forbid "MPI belongs to app/team_mpi.c" 'mpi\.h' $(echo "$files" | grep -v '^app/team_mpi\.c$')
  wc -l $files | awk '$2 != "total" && $1 > 600 { print "FAIL " $2 ": " $1 " lines"; bad = 1 }
    END { exit bad }' || failed=1
}
echo "$(echo "$files" | wc -l) files looked at"
exit $failed
