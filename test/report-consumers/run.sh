#!/usr/bin/env bash
# Makes reports with ekslint and has each read by programs that are not ours:
# JUnit by libxml2 with the schema of Jenkins, workflow commands by GitHub's own
# toolkit, Markdown by a renderer.
#
#   run.sh EKSLINT OUTDIR INPUT...
#
# Besides the inputs, of which those that do not exist are named and passed over,
# it reads one whose names are written to break the formats.
set -euo pipefail

if [ $# -lt 3 ]; then
  echo "usage: $0 EKSLINT OUTDIR INPUT..." >&2
  exit 2
fi
ekslint=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
shift 2

# Places are compared with those of the JSON report, which go out from here.
unset GITHUB_WORKSPACE GITHUB_SERVER_URL GITHUB_REPOSITORY GITHUB_SHA CI_PROJECT_DIR

# reports NAME INPUT: findings and unreadable parts are results like any other.
reports() {
  local dir="$out/$1" status=0
  rm -rf "$dir"
  mkdir -p "$dir"
  "$ekslint" check "$2" --format "json=$dir/report.json" --format "junit=$dir/junit.xml" \
    --format "github=$dir/github.txt" --format "gitlab=$dir/gitlab.json" --format "markdown=$dir/summary.md" || status=$?
  case $status in
    0 | 1 | 3) dirs+=("$dir") ;;
    *) echo "$ekslint check $2: exit $status" >&2; exit 1 ;;
  esac
}

dirs=()
for input in "$@"; do
  if [ ! -e "$input" ]; then
    echo "$input: not there, passed over"
    continue
  fi
  reports "$(tr -s './' '-' <<<"$input" | sed 's/^-//; s/-$//')" "$input"
done
if [ ${#dirs[@]} -eq 0 ]; then
  echo "$0: none of the inputs is there" >&2
  exit 1
fi

hostile=$(mktemp -d)
trap 'rm -rf "$hostile"' EXIT
"$here/hostile.sh" "$hostile"
cd "$hostile"
reports hostile .
mkdir "$hostile/clean"
cd "$hostile/clean"
touch .ekslint.yaml
echo '{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "clean"}}' >clean.json
reports clean .

node "$here/check.mjs" "${dirs[@]}"
