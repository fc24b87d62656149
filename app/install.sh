#!/bin/sh
# Installs the Debian packages of app/packages.txt that are missing.
#   sh app/install.sh run     what building and running needs
#   sh app/install.sh test    the tests' packages too
#   sh app/install.sh bench   those of tests/bench/peers.sh, besides what running needs
# Quick when nothing is missing. Messages go to standard error.
# shellcheck disable=SC2086,SC2116  # lists of packages are split into words
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
log=$here/../.build/install.log

case ${1-} in
run | test | bench) ;;
*)
  echo "usage: sh app/install.sh run|test|bench" >&2
  exit 2
  ;;
esac

wanted=$(awk -v upto="$1" '
  /^\[/ { section = substr($1, 2, length($1) - 2); next }
  /^[^#]/ && NF && (section == "run" || section == upto) { print $1 }' "$here/packages.txt")

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "This is not a Debian system: install the counterparts of these yourself:" >&2
  echo $wanted >&2
  exit 0
fi

# dpkg-query fails when a package is unknown, and still prints the others.
missing=$({ dpkg-query -W -f='${Package} ${db:Status-Status}\n' $wanted 2>/dev/null || true; } |
  awk -v wanted="$(echo $wanted)" '
    $2 == "installed" { have[$1] = 1 }
    END { n = split(wanted, w, " "); for (i = 1; i <= n; i++) if (!(w[i] in have)) print w[i] }')
missing=$(echo $missing)
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=
elif command -v sudo >/dev/null 2>&1; then
  as_root=sudo
else
  echo "These packages are missing, and installing them takes root or sudo:" >&2
  echo "  apt-get install --no-install-recommends $missing" >&2
  exit 1
fi

# Runs apt-get with its output in the log; one short line of what it is at, now and then.
apt() {
  mkdir -p "$here/../.build"
  [ -t 2 ] && terminal=1 || terminal=0
  {
    if $as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -o Dpkg::Use-Pty=0 "$@" \
      </dev/null 2>&1; then
      echo "apt-get: done"
    else
      echo "apt-get: failed"
    fi
  } | tee -a "$log" | awk -v terminal="$terminal" '
    /^(Get:|Unpacking |Setting up )/ {
      n++
      if (terminal) printf "\r\033[K  %d: %.70s", n, $0
      else if (n % 100 == 0) printf "  %d: %.70s\n", n, $0
      fflush()
    }
    { last = $0 }
    END {
      if (terminal && n) printf "\r\033[K"
      exit last != "apt-get: done"
    }' >&2
}

# Ask for the password, if there is one, before the output goes to the log.
[ -z "$as_root" ] || sudo -v || {
  echo "sudo refused; as root: apt-get install --no-install-recommends $missing" >&2
  exit 1
}
echo "Installing $(echo $missing | wc -w) packages: $missing" >&2
mkdir -p "$here/../.build"
: >"$log"
apt update || echo "The package lists could not be brought up to date; trying with the old ones." >&2
if ! apt install -y --no-install-recommends $missing; then
  echo "Installing failed. The end of .build/install.log:" >&2
  tail -n 15 "$log" >&2
  exit 1
fi
