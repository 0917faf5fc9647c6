#!/bin/sh
# What the image starts: the service; with flags alone, backup.sh with these (`docker run image -1`);
# else the command that was given.
set -eu

case ${1:--} in
  -*) exec /backup.sh "$@" ;;
  *) exec "$@" ;;
esac
