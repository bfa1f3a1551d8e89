#!/usr/bin/env bash
# Checks the files of a release: every manual page is one to mandoc, and every
# completion script is one to its shell, where the shell is there.
#
#   check.sh DIR
set -euo pipefail

dir=${1:?the folder that files.sh wrote}
if ! command -v mandoc >/dev/null; then
  echo "test-external needs mandoc: apt-get install mandoc (make test-packages, as root)" >&2
  exit 1
fi
for page in "$dir"/man/*.1; do
  # Its warnings are about style: cobra indents with tabs.
  mandoc -T lint -W error "$page"
  mandoc -T ascii -W error "$page" | sed 's,.\x08,,g' | grep '^SYNOPSIS' >/dev/null || { echo "$page: no synopsis" >&2; exit 1; }
done
checked=
for shell in bash fish zsh; do
  if command -v "$shell" >/dev/null; then
    "$shell" -n "$dir/completions/ekslint.$shell"
    checked+=" $shell"
  fi
done
echo "$dir: $(ls "$dir"/man/*.1 | wc -l) manual pages; completions parsed by$checked"
