package kustomize

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// remoteMark begins what kustomize takes for the address of a file or of a repository:
// https://github.com/kubernetes-sigs/kustomize/blob/master/examples/remoteBuild.md
var remoteMark = regexp.MustCompile(`(?i)^(git::|[a-z][a-z0-9-]*@|github\.com[/:])|://`)

// isRemote reports whether an entry names something on the network.
func isRemote(entry string) bool { return remoteMark.MatchString(entry) }

// resolve returns the name in the tree of an entry of a kustomization in dir. It
// reports false for one that leaves the tree.
func resolve(dir, entry string) (string, bool) {
	if path.IsAbs(entry) {
		return "", false
	}
	name := path.Join(dir, entry)
	return name, fs.ValidPath(name)
}

// The library reads an entry that is a path as an address or a repository when it looks
// like one, and clones or fetches it. An absolute path is neither, and nor is one that
// begins with a dot and a slash.

// absolute is the entry for a file of the tree.
func absolute(name string) string { return "/" + name }

// relativeFolder is the entry for a folder of the tree. The library wants those to be
// relative.
func relativeFolder(from, to string) string {
	up := strings.Repeat("../", depth(from))
	if to == "." {
		return "./" + up + "."
	}
	return "./" + up + to
}

func depth(dir string) int {
	if dir == "." {
		return 0
	}
	return strings.Count(dir, "/") + 1
}
