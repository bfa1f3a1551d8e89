#!/usr/bin/env bash
# Says in one comment on the pull request which connections it opens and closes.
# Later runs edit that comment, and none is made when there is nothing to say.
# What goes wrong here is a warning: the check decides, not the comment.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lines.sh"

warn() {
  echo "::warning title=ekslint::$1"
  exit 0
}

dir=$RUNNER_TEMP/ekslint
marker='<!-- ekslint diff -->'
# GitHub takes 65536 characters.
limit=65000

# A checkout of one commit does not hold the base.
if ! git cat-file -e "$BASE_SHA^{commit}" 2>/dev/null; then
  git fetch --quiet --no-tags --depth=1 origin "$BASE_SHA" || warn "no comment: the base commit cannot be fetched"
fi

arguments=(diff --base "$BASE_SHA" --format markdown --fail-when changed)
if [ -n "$CONFIG" ]; then arguments+=(--config "$CONFIG"); fi
lines "$DIFF_ARGS"
arguments+=(${read[@]+"${read[@]}"})
lines "$PATHS"
arguments+=(-- ${read[@]+"${read[@]}"})

token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
status=0
"$dir/ekslint" "${arguments[@]}" >"$dir/diff.md" || status=$?
echo "::$token::"
case $status in
  0 | 1 | 3) ;;
  *) warn "no comment: ekslint diff exits with $status (the log of this step says why)" ;;
esac

if [ "$(wc -c <"$dir/diff.md")" -gt $limit ]; then
  head -n 1 "$dir/diff.md" >"$dir/short.md"
  printf '\nThe rest is longer than a comment may be: run `ekslint diff`.\n' >>"$dir/short.md"
  mv "$dir/short.md" "$dir/diff.md"
fi
{ echo "$marker"; cat "$dir/diff.md"; } >"$dir/comment.md"

comments=repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments
# Anyone may write the marker: only a comment of a bot is ours.
ours=".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id"
ids=$(gh api --paginate "$comments" --jq "$ours") || warn "no comment: the comments cannot be read (pull-requests: write is needed)"
id=$(head -n 1 <<<"$ids")
if [ -n "$id" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$dir/comment.md" --silent ||
    warn "the comment cannot be edited (pull-requests: write is needed)"
elif [ "$status" -eq 1 ]; then
  gh api --method POST "$comments" -F "body=@$dir/comment.md" --silent ||
    warn "no comment: it cannot be made (pull-requests: write is needed)"
fi
