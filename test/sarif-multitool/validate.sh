#!/usr/bin/env bash
# Validates SARIF files with Microsoft's multitool, against the specification and
# against what GitHub code scanning asks for (rule kinds Sarif and Ghas).
#
#   validate.sh FILE...
#
# MULTITOOL_DIR is the folder that `npm ci` installed into. Fails on any error;
# prints the warnings that remain.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "usage: $0 FILE..." >&2
  exit 2
fi

case "$(uname -s)" in
  Linux) package=sarif-multitool-linux ;;
  Darwin) package=sarif-multitool-darwin ;;
  *) echo "$0: the multitool is packaged for Linux, macOS and Windows; this script knows the first two" >&2; exit 1 ;;
esac
multitool="${MULTITOOL_DIR:?the folder that npm ci installed into}/node_modules/@microsoft/$package/Sarif.Multitool"
if [ ! -f "$multitool" ]; then
  echo "$0: $multitool is not there: run it through \`make test-external\`" >&2
  exit 1
fi

# The program is .NET and looks for libicu, which bare machines do not have.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

failed=0
for file in "$@"; do
  if [ ! -s "$file" ]; then
    echo "$file: missing or empty" >&2
    failed=1
    continue
  fi
  # The exit code does not tell a valid file from an invalid one: read the output.
  status=0
  output=$("$multitool" validate "$file" --rule-kind "Sarif;Ghas" \
    --level "Error;Warning;Note" --kind "Fail;Informational" 2>&1) || status=$?
  warnings=$(grep -c ': warning ' <<<"$output" || true)
  # Notes come once a result and are advice: count them by rule.
  notes=$(grep -oE ': note [A-Z0-9]+' <<<"$output" | sort | uniq -c | awk '{printf " %s=%d", $4, $1}' || true)
  if [ "$status" -ne 0 ] || grep -q ': error ' <<<"$output"; then
    printf '%s\n%s: INVALID (multitool exit %d)\n' "$output" "$file" "$status" >&2
    failed=1
  elif ! grep -q '^Analysis completed successfully' <<<"$output"; then
    printf '%s\n%s: the multitool did not finish\n' "$output" "$file" >&2
    failed=1
  else
    grep ': warning ' <<<"$output" || true
    echo "$file: valid; $warnings warnings; notes:${notes:- none}"
  fi
done
exit "$failed"
