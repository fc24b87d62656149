#!/bin/sh
# `sh app/package.sh`, from the build folder that is there: what the package has, what it depends on; that manual
# page and completions say what --help says; that the program runs from where it is unpacked.
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}" "${WINGTIP_BUILD:?}"
for tool in dpkg-deb dpkg-shlibdeps; do
  command -v $tool >/dev/null || {
    echo "$tool is not installed"
    exit 77
  }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failed=0 pid='' hangs=0
# shellcheck source=../checks.sh disable=SC1091
. "$WINGTIP_SOURCE/tests/checks.sh"

mkdir out
before=$(cd "$WINGTIP_SOURCE" && find . -path './.*' -prune -o -type f -print | LC_ALL=C sort | md5sum)
sh "$WINGTIP_SOURCE/app/package.sh" -o out --build "$WINGTIP_BUILD" --fast >out.txt 2>err || {
  cat err
  echo "FAIL package.sh"
  exit 1
}
package=$(cat out.txt)
ok "one package, whose path is said" [ "$(ls out/*.deb)" = "$package" ]
after=$(cd "$WINGTIP_SOURCE" && find . -path './.*' -prune -o -type f -print | LC_ALL=C sort | md5sum)
ok "the source tree has no new files" [ "$before" = "$after" ]
dpkg-deb -x "$package" root && dpkg-deb -e "$package" control || exit 1

has() { # PATTERN: exactly one file
  [ "$(cd root && find . -path "./$1" | wc -l)" -eq 1 ]
}
for file in usr/bin/wingtip usr/include/wingtip/wingtip.h usr/include/wingtip/wt_status.h \
  'usr/lib/*/libwingtip.so' 'usr/lib/*/libwingtip.so.0' 'usr/lib/*/pkgconfig/wingtip.pc' \
  'usr/lib/*/wingtip/wingtip-camera.so' 'usr/lib/*/wingtip/wingtip-cascades.so' 'usr/lib/*/wingtip/wingtip-libav.so' \
  'usr/lib/*/wingtip/wingtip-microphone.so' 'usr/lib/*/wingtip/wingtip-pictures.so' \
  usr/share/applications/wingtip.desktop usr/share/icons/hicolor/scalable/apps/wingtip.svg \
  usr/share/metainfo/wingtip.metainfo.xml usr/share/man/man1/wingtip.1.gz \
  usr/share/bash-completion/completions/wingtip usr/share/zsh/vendor-completions/_wingtip \
  usr/share/fish/vendor_completions.d/wingtip.fish usr/share/doc/wingtip/copyright \
  usr/share/wingtip/demo.mp4 usr/share/wingtip/wingtip-98.safetensors usr/share/wingtip/wingtip-98-fast.safetensors \
  usr/share/wingtip/wingtip-98-free.safetensors usr/share/wingtip/wingtip-98-fast-free.safetensors \
  usr/share/wingtip/wingtip-detector.safetensors usr/share/wingtip/wingtip-detector-free.safetensors \
  usr/share/wingtip/icon.bmp usr/share/wingtip/recipes/live.recipe; do
  ok "has $file" has "$file"
done
ok "nothing outside /usr" [ "$(ls root)" = usr ]
ok "checksums hold" sh -c 'cd root && md5sum --quiet -c ../control/md5sums'
ok "every file has one" [ "$(wc -l <control/md5sums)" -eq "$(find root -type f | wc -l)" ]
ok "pkg-config finds it in /usr" grep -qx 'prefix=/usr' root/usr/lib/*/pkgconfig/wingtip.pc
ok "no path of the build" sh -c '! grep -rlF "$WINGTIP_BUILD" root control'

# Every library that the program asks for comes from a package that is named.
field() { sed -n "s/^$1: //p" control/control; }
version=$("$WINGTIP_EXE" --version | sed 's/^wingtip //')
ok "the version" [ "$(field Version)" = "$version-1" ]
ok "the same in AppStream" grep -qF "release version=\"$version\"" root/usr/share/metainfo/wingtip.metainfo.xml
named() { field Depends | tr ',' '\n' | grep -q "^ *$1\( \|\$\)"; }
for name in libc6 libsdl2-2.0-0 libavcodec59 libavdevice59 libopencv-core406 libopencv-imgcodecs406 libopencv-videoio406 libcjson1 fonts-dejavu-core libgl1; do
  case $name in
  *[0-9]) dpkg-query -W "$name" >/dev/null 2>&1 || continue ;; # another Debian has another number
  esac
  ok "depends on $name" named "$name"
done
ok "no development packages" sh -c '! sed -n "s/^Depends: //p" control/control | grep -qe "-dev\b"'

# The program as it is unpacked, with its own weights.
unset WINGTIP_ASSETS
ok "it runs" [ "$(root/usr/bin/wingtip --version)" = "wingtip $version" ]
ok "with its weights" root/usr/bin/wingtip model info fast
ffmpeg -v error -nostdin -i root/usr/share/wingtip/demo.mp4 -frames:v 1 -vf scale=160:120 face.png
ok "with its modules" root/usr/bin/wingtip track face.png -o out.mkv

# ---- manual page and completions: what --help shows -------------------------------------------------
gzip -dc root/usr/share/man/man1/wingtip.1.gz >page
# Of each command its options as --help has them, "COMMAND --option".
commands=$("$WINGTIP_EXE" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
for command in $commands; do
  subcommands=$("$WINGTIP_EXE" "$command" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
  for sub in ${subcommands:-''}; do
    [ "$sub" = "''" ] && sub=''
    "$WINGTIP_EXE" "$command" ${sub:+"$sub"} --help |
      sed -n "s/^  \(-[a-z], \)\{0,1\}\(--[a-z0-9-]*\).*/$command${sub:+ $sub} \2/p"
  done
done | LC_ALL=C sort >helped
count=$(wc -l <helped)
ok "options of all commands ($count)" [ "$count" -gt 150 ]

# In the page common options stand once, and --help in front.
sed 's/\\-/-/g' page | awk '
  /^\.SS wingtip / { command = substr($0, 13) }
  /^\.SH / { command = "" }
  command != "" && /^And the common options/ { common[command] = 1 }
  /^\.SH COMMON/ { in_common = 1 }
  /^\.SH [^C]/ { in_common = 0 }
  command != "" { seen[command] = 1 }
  /^\.B .*--/ {
    match($0, /--[a-z0-9-]+/)
    name = substr($0, RSTART, RLENGTH)
    if (command != "") print command " " name
    if (in_common) shared[name] = 1
  }
  END {
    for (c in common) for (s in shared) print c " " s
    for (c in seen) print c " --help"
  }' | LC_ALL=C sort >paged
ok "the page has the same options" diff helped paged
if command -v man >/dev/null && command -v groff >/dev/null; then
  ok "the page is good roff" sh -c '[ -z "$(MANROFFSEQ= MANWIDTH=80 man --warnings -l page 2>&1 >/dev/null)" ]'
fi

# bash: what its function offers, by asking it.
ok "bash completes the same" bash -c '
  . root/usr/share/bash-completion/completions/wingtip
  while read -r line; do
    option=${line##* } command=${line% *}
    [[ " $(_wingtip_options "$command") " == *" $option "* ]] || { echo "missing: $line"; exit 1; }
  done <helped
  ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); compopt() { :; }; _wingtip; echo "${COMPREPLY[*]}"; }
  check() { [ "$1" = "$2" ] || { echo "got \"$1\", not \"$2\""; exit 1; }; }
  check "$(ask wingtip tra)" "track train"
  check "$(ask wingtip live --mirror "")" "auto yes no"
  check "$(ask wingtip track --csv ex)" ""
  touch example.mp4
  check "$(ask wingtip track exa)" example.mp4
  check "$(ask wingtip model q)" quantize
  check "$(ask wingtip model info --js)" --json
  check "$(ask wingtip live --threads "")" ""
  check "$(ask wingtip --completion z)" zsh
  case $(ask wingtip model "") in *info*export*) ;; *) echo "no subcommands"; exit 1 ;; esac'
"$WINGTIP_EXE" --completion zsh | awk '
  /^    '"'"'.*'"'"'\)$/ { command = substr($0, 6, length($0) - 7); print command " --help" }
  /^    ;;/ { command = "" }
  command != "" && match($0, /'"'"'--[a-z0-9-]+\[/) { print command " " substr($0, RSTART + 1, RLENGTH - 2) }' |
  LC_ALL=C sort >offered
ok "zsh completes the same" diff helped offered
"$WINGTIP_EXE" --completion fish | sed -n \
  -e "s/.*__fish_seen_subcommand_from \([a-z]*\); and __fish_seen_subcommand_from \([a-z]*\)' -l \([a-z0-9-]*\) .*/\1 \2 --\3/p" \
  -e "s/.* '__fish_seen_subcommand_from \([a-z]*\)' -l \([a-z0-9-]*\) .*/\1 --\2/p" | LC_ALL=C sort >offered
ok "fish completes the same" diff helped offered
for shell in bash zsh fish; do
  "$WINGTIP_EXE" --completion $shell >written
  if command -v $shell >/dev/null; then ok "$shell reads it" $shell -n written; fi
  ok "the package's $shell completion is this program's" cmp -s written \
    "$(find root -path "*$shell*completion*/*wingtip*" -type f)"
done
"$WINGTIP_EXE" --completion tcsh >written 2>err
got=$?
ok "no completion for tcsh" [ "$got $(wc -l <err) $(wc -c <written)" = "2 1 0" ]

# ---- what others say of it, where they are -----------------------------------------------------------
if command -v lintian >/dev/null; then
  ok "lintian finds no error" sh -c 'lintian --allow-root --fail-on error "$1"' sh "$package"
fi
if command -v appstreamcli >/dev/null; then
  ok "AppStream" sh -c '! appstreamcli validate --no-net --no-color root/usr/share/metainfo/wingtip.metainfo.xml | grep "^E:"'
fi
if command -v desktop-file-validate >/dev/null; then
  ok "desktop entry" desktop-file-validate root/usr/share/applications/wingtip.desktop
fi

sh "$WINGTIP_SOURCE/app/package.sh" -o out --build "$scratch" >written 2>err
got=$?
ok "a folder that is no build is refused" [ $got -eq 2 ]
[ "$failed" -eq 0 ]
