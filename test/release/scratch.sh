#!/usr/bin/env bash
# Runs ekslint as the image of Dockerfile does: as a user without a name, in a
# file system that holds the program and a folder to check, and nothing else.
#
#   scratch.sh EKSLINT FOLDER
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "usage: $0 EKSLINT FOLDER" >&2
  exit 2
fi
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cp "$1" "$root/ekslint"
mkdir "$root/src"
cp -R "$2/." "$root/src/"
chmod -R a+rX "$root"

if [ "$(id -u)" -eq 0 ]; then
  enter=(chroot --userspec=65532:65532 "$root")
elif unshare --map-root-user true 2>/dev/null; then
  enter=(unshare --map-root-user chroot "$root")
else
  echo "$0: needs root or user namespaces; not checked" >&2
  exit 0
fi
status=0
"${enter[@]}" /ekslint check /src --quiet >"$root/report.txt" || status=$?
if [ $status -ne 1 ] || ! grep -q 'ING-005' "$root/report.txt"; then
  echo "$1: exit code $status in an empty file system, expected findings" >&2
  cat "$root/report.txt" >&2
  exit 1
fi
echo "$1: runs without anything beside it"
