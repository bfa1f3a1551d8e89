#!/usr/bin/env bash
# Writes what the archives of a release hold besides the program.
#
#   files.sh EKSLINT OUTDIR
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "usage: $0 EKSLINT OUTDIR" >&2
  exit 2
fi
ekslint=$1 out=$2
rm -rf "$out"
mkdir -p "$out/completions"
for shell in bash fish zsh; do
  "$ekslint" completion "$shell" >"$out/completions/ekslint.$shell"
done
"$ekslint" completion powershell >"$out/completions/ekslint.ps1"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)} "$ekslint" man "$out/man"
