#!/usr/bin/env bash
# Commits through the real pre-commit client: a good change goes in, a bad one is
# refused with the line to edit, and a change that is none of ekslint's runs nothing.
#
#   run.sh EKSLINT WORKDIR
#
# The hook of language golang is built by pre-commit from a copy of this tree, the
# one of language system runs EKSLINT.
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "usage: $0 EKSLINT WORKDIR" >&2
  exit 2
fi
ekslint=$(realpath "$1")
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
rm -rf "$2"
mkdir -p "$2"
work=$(realpath "$2")

if ! command -v pre-commit >/dev/null; then
  echo "$0 needs pre-commit: https://pre-commit.com (Debian: apt-get install pre-commit)" >&2
  exit 1
fi
export PRE_COMMIT_HOME="$work/cache" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 NO_COLOR=1
export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@example.com GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@example.com
# pre-commit gives each hook a GOPATH of its own; the modules are there already.
GOMODCACHE=$(go env GOMODCACHE)
export GOMODCACHE GOFLAGS=-modcacherw

fail() {
  echo "pre-commit: $1" >&2
  cat "$work/output" >&2
  exit 1
}

# commit CASE WANT: commits all changes, and wants exit code 0 or another one.
commit() {
  git add -A
  local status=0
  git commit -q -m "$1" >"$work/output" 2>&1 || status=$?
  case $2,$status in
    0,0) ;;
    0,*) fail "$1: the commit is refused" ;;
    *,0) fail "$1: the commit is not refused" ;;
  esac
}

says() { grep -qF -- "$1" "$work/output" || fail "$2: the output lacks: $1"; }

# The hooks as of this tree, whether it is committed or not.
copy_tree() {
  git init -q "$work/hooks"
  git -C "$tree" ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
    if [ -e "$tree/$file" ]; then printf '%s\0' "$file"; fi
  done | tar -C "$tree" --null -T - -cf - | tar -C "$work/hooks" -xf -
  git -C "$work/hooks" add -A
  git -C "$work/hooks" commit -q -m hooks
}

config() { # ID
  cat >.pre-commit-config.yaml <<EOF
repos:
  - repo: $work/hooks
    rev: $(git -C "$work/hooks" rev-parse HEAD)
    hooks:
      - id: $1
EOF
}

service() { # FIELD
  cat <<EOF
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports:
    - port: 80
      $1: 8080
EOF
}

scenario() { # ID
  rm -rf "$work/repo"
  git init -q "$work/repo"
  cd "$work/repo"
  config "$1"
  git add -A
  pre-commit install >"$work/output" 2>&1 || fail "install"
  mkdir deploy
  service targetPort >deploy/web.yaml
  commit "$1: a good change" 0
  says "Passed" "$1: a good change"
  service targetport >deploy/web.yaml
  commit "$1: a bad change" 1
  says "deploy/web.yaml" "$1: a bad change"
  says 'the unknown field "targetport"' "$1: a bad change"
  says "[LOAD-002]" "$1: a bad change"
  service targetPort >deploy/web.yaml
  echo hello >README
  commit "$1: a file of another kind" 0
  says "(no files to check)Skipped" "$1: a file of another kind"
}

copy_tree
PATH="$(dirname "$ekslint"):$PATH" scenario ekslint-system
scenario ekslint
echo "pre-commit $(pre-commit --version | cut -d' ' -f2): good and bad commits as expected, with hooks of language system and golang"
