#!/usr/bin/env bash
# Puts ekslint into $RUNNER_TEMP/ekslint: the release $VERSION, whose checksum is
# verified, or without one what the commit of the action builds.
set -euo pipefail

dir=$RUNNER_TEMP/ekslint
mkdir -p "$dir"

if [ -z "$VERSION" ]; then
  cd "$GITHUB_ACTION_PATH"
  go build -o "$dir/" ./cmd/ekslint
  exit
fi

if ! [[ $VERSION =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]]; then
  echo "::error title=ekslint::the version is not of the form v1.2.3"
  exit 2
fi
case "$(uname -s)" in
  Linux) os=linux sum='sha256sum' ;;
  Darwin) os=darwin sum='shasum -a 256' ;;
  *) echo "::error title=ekslint::releases are downloaded on Linux and macOS; leave version empty to build ekslint"; exit 2 ;;
esac
case "$(uname -m)" in
  x86_64 | amd64) arch=amd64 ;;
  arm64 | aarch64) arch=arm64 ;;
  *) echo "::error title=ekslint::there is no release for $(uname -m)"; exit 2 ;;
esac

archive=ekslint_${VERSION#v}_${os}_$arch.tar.gz
cd "$dir"
gh release download "$VERSION" --repo ekslint/ekslint --pattern "$archive" --pattern checksums.txt --clobber
# The name is compared as a word and whole: a dot of a pattern would match any character.
awk -v name="$archive" '$2 == name' checksums.txt >checksum.txt
if [ "$(wc -l <checksum.txt)" -ne 1 ]; then
  echo "::error title=ekslint::checksums.txt does not list $archive once"
  exit 1
fi
$sum --check checksum.txt
tar -xzf "$archive" ekslint
