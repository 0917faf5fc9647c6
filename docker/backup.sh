#!/bin/sh
# Starts backup-container, from a checkout or as /backup.sh in the image, through any symbolic link.
# It stays in the caller's folder, since backup.conf is looked up there, and it builds nothing.
set -eu

case $0 in
  */*) self=$0 ;;
  # `sh backup.sh` names a file of this folder, or else one on the path.
  *) if [ -f "$0" ]; then self=./$0; else self=$(command -v -- "$0"); fi ;;
esac
self=$(readlink -f -- "$self")
home=${self%/docker/*}

if [ ! -f "$home/dist/main.js" ]; then
  echo "backup.sh: $home/dist/main.js is missing: run $home/scripts/setup once, it builds it." >&2
  exit 2
fi

# A checkout brings its own Node.js, for machines whose Node.js is too old.
node=$home/node_modules/node/bin/node
[ -x "$node" ] || node=node
if ! command -v "$node" >/dev/null; then
  echo 'backup.sh: Node.js is missing: install version 24 or newer.' >&2
  exit 2
fi

exec "$node" "$home/dist/main.js" "$@"
