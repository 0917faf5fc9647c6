# shellcheck shell=bash
# What the scripts of this folder share. They source it first; it leaves them in the project's folder.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Programs that npm has installed come first, Node.js 24 among them, where the machine's own is older.
PATH=$PWD/node_modules/.bin:$PATH

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
  green='' red='' plain=''
fi

complain() { printf '%s%s%s\n' "$red" "$*" "$plain" >&2; }

# Runs a command with its output kept back, and shows on a terminal that it goes on; the output is
# shown only when it fails. Usage: quietly <what it does> <command> [argument ...]
quietly() {
  local label=$1 log ticker='' status=0 started=$SECONDS
  shift
  log=$(mktemp)
  if [[ -t 1 ]]; then
    show_elapsed "$label" &
    ticker=$!
  fi
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [[ -n $ticker ]]; then
    kill "$ticker"
    wait "$ticker" || true
    printf '\r\e[K'
  fi
  if ((status == 0)); then
    printf '  %sok%s      %s (%d s)\n' "$green" "$plain" "$label" $((SECONDS - started))
  else
    printf '  %sFAILED%s  %s (%d s)\n' "$red" "$plain" "$label" $((SECONDS - started))
    sed 's/^/          /' "$log"
  fi
  rm -f "$log"
  return "$status"
}

# Counts seconds for as long as the script lives: a background job does not hear Ctrl-C.
show_elapsed() {
  local started=$SECONDS
  while kill -0 $$ 2>/dev/null; do
    printf '\r  ...     %s (%d s)' "$1" $((SECONDS - started))
    sleep 1
  done
}
