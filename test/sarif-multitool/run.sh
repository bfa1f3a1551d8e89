#!/usr/bin/env bash
# Makes SARIF files with ekslint and has each validated.
#
#   run.sh EKSLINT OUTDIR INPUT...
#
# Inputs that do not exist are named and passed over, but at least one must be
# there. Findings and unreadable parts are results like any other here; only
# wrong usage and failure of the tool stop the run.
set -euo pipefail

if [ $# -lt 3 ]; then
  echo "usage: $0 EKSLINT OUTDIR INPUT..." >&2
  exit 2
fi
ekslint=$1 out=$2
shift 2

rm -rf "$out"
mkdir -p "$out"
for input in "$@"; do
  if [ ! -e "$input" ]; then
    echo "$input: not there, passed over"
    continue
  fi
  file="$out/$(tr -s './' '-' <<<"$input" | sed 's/^-//; s/-$//').sarif"
  status=0
  "$ekslint" check "$input" --format "sarif=$file" || status=$?
  case $status in
    0 | 1 | 3) ;;
    *) echo "$ekslint check $input: exit $status" >&2; exit 1 ;;
  esac
done

# A clean run is a special case of the format: its results are [], not absent.
clean="$out/clean.sarif"
"$ekslint" check - --format "sarif=$clean" <<<'{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "clean"}}'

if [ "$(find "$out" -name '*.sarif' | wc -l)" -lt 2 ]; then
  echo "$0: none of the inputs is there" >&2
  exit 1
fi
"$(dirname "${BASH_SOURCE[0]}")/validate.sh" "$out"/*.sarif
