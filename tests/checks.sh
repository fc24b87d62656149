# shellcheck shell=sh
# For tests that are shell scripts, sourced: checks that are counted, and waiting. A script keeps what the
# program said in the files `out` and `err`, sets failed=0, hangs (tenths of a second) and pid ('' or
# the program that runs meanwhile).

ok() { # WHAT COMMAND...
  what=$1
  shift
  if "$@" >check.out 2>&1; then
    echo "ok   $what"
  else
    echo "FAIL $what"
    sed 's/^/     /' check.out out err 2>/dev/null
    failed=$((failed + 1))
  fi
}

# shellcheck disable=SC2154  # hangs: the script says it
within() { # WHAT COMMAND...: until it succeeds, which hangs at most
  what=$1 left=$hangs
  shift
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ "$left" -gt 0 ] && { [ -z "$pid" ] || kill -0 "$pid" 2>/dev/null; } || {
      echo "FAIL waited in vain: $what"
      sed 's/^/     /' out err 2>/dev/null
      failed=$((failed + 1))
      return 1
    }
    sleep 0.1
  done
}
