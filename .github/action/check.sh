#!/usr/bin/env bash
# Checks $PATHS: the report goes to the log, annotations beside the lines, the
# summary below the job and SARIF to a file. The exit code is an output: the last
# step of the action fails, after all that is to be uploaded is.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lines.sh"

dir=$RUNNER_TEMP/ekslint
rm -f "$dir"/{ekslint.sarif,annotations.txt,summary.md}
arguments=(check --fail-on "$FAIL_ON" --format text --format "sarif=$dir/ekslint.sarif"
  --format "github=$dir/annotations.txt" --format "markdown=$dir/summary.md")
if [ -n "$CONFIG" ]; then arguments+=(--config "$CONFIG"); fi
lines "$ARGS"
arguments+=(${read[@]+"${read[@]}"})
lines "$PATHS"
arguments+=(-- ${read[@]+"${read[@]}"})

# The report quotes the input, and a line of it could be a workflow command.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
status=0
"$dir/ekslint" "${arguments[@]}" 2>&1 || status=$?
echo "::$token::"

# Code scanning shows results with a suppression as open alerts:
# https://github.com/github/codeql-action/issues/1230
if [ -f "$dir/ekslint.sarif" ] && command -v jq >/dev/null; then
  jq '.runs[].results |= map(select((.suppressions // []) == []))' "$dir/ekslint.sarif" >"$dir/upload.sarif"
  mv "$dir/upload.sarif" "$dir/ekslint.sarif"
fi

if [ -f "$dir/annotations.txt" ]; then cat "$dir/annotations.txt"; fi
if [ "$SUMMARY" = true ] && [ -f "$dir/summary.md" ]; then
  cat "$dir/summary.md" >>"$GITHUB_STEP_SUMMARY"
fi
echo "exit-code=$status" >>"$GITHUB_OUTPUT"
if [ -f "$dir/ekslint.sarif" ]; then echo "sarif=$dir/ekslint.sarif" >>"$GITHUB_OUTPUT"; fi
