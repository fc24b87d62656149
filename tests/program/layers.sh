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

# names FOLDER: pattern of the headers that lie there, as they are included.
names() {
  (cd "$1" && find . -name '*.h') | sed -e 's|^\./||' -e 's/\./\\./' | paste -s -d '|' -
}

# order LAYER FOLDERS...: a folder of the layer includes only those that come after it in the list.
# Folders that a comma joins stand side by side and do not know each other.
order() {
  layer=$1
  shift
  # shellcheck disable=SC2046,SC2086  # names of ours have no blanks
  grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' $(echo "$files" | grep "^$layer/") |
    awk -v layer="$layer" -v folders="$*" -v files="$(echo "$files" | paste -s -d ' ' -)" '
      function folder(path) { return split(path, part, "/") > 2 ? part[2] : "" }
      BEGIN {
        n = split(folders, step, " ")
        for (i = 1; i <= n; i++) {
          m = split(step[i], side, ",")
          for (k = 1; k <= m; k++) rank[side[k]] = i
        }
        n = split(files, path, " ")
        for (i = 1; i <= n; i++) {
          is[path[i]] = 1
          from = folder(path[i])
          if (index(path[i], layer "/") == 1 && from != "" && !(from in rank)) {
            print "FAIL " layer "/" from "/ has no place in the order of folders"
            bad = 1
          }
        }
      }
      {
        split($0, word, "\"")
        target = layer "/" word[2]
        split($0, place, ":")
        from = folder(place[1])
        to = folder(target)
        if (!(target in is) || from == "" || to == "" || from == to) next
        arrows++
        if (rank[from] >= rank[to]) {
          print "FAIL " place[1] ":" place[2] ": " layer "/" from " includes " word[2]
          bad = 1
        }
      }
      END {
        print layer ": " arrows + 0 " includes from folder to folder"
        exit bad || !arrows
      }' || failed=1
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
  forbid "ImGui belongs behind *_imgui.cpp" 'imgui\.' $(echo "$files" | grep -v '_imgui\.[ch]pp$')
  forbid "MPI belongs to app/train/team_mpi_module.c" 'mpi\.h' $(echo "$files" | grep -v '^app/train/team_mpi_module\.c$')
  order app doctor train window live,track,config stream,session teach record draw,bench,eval,weights input,cli base,report
  order model train measure track data net face weights
  order engine tape plan kernels graph base
  wc -l $files | awk '$2 != "total" && $1 > 600 { print "FAIL " $2 ": " $1 " lines"; bad = 1 }
    END { exit bad }' || failed=1
  # A header is known by its folder and name in all layers.
  twice=$(for layer in engine model app; do (cd $layer && find . -name '*.h'); done | sort | uniq -d)
  [ -z "$twice" ] || {
    echo "FAIL in two layers: $twice"
    failed=1
  }
}
echo "$(echo "$files" | wc -l) files looked at"
exit $failed
