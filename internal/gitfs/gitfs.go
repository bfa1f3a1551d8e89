// Package gitfs shows the tree of a git revision as files, without a checkout.
//
// It asks the git executable for names and contents of objects, and for nothing
// that runs a hook, a filter or a text conversion, or fetches what is missing.
// Contents are those that are committed: what a filter would make of them on
// checkout is not applied.
package gitfs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// Tree is the tree of one revision. It is safe for concurrent use.
type Tree struct {
	// nodes are the files and folders by path; the root is ".".
	nodes   map[string]*node
	objects *objects
	// modules are the paths of submodules, which are no part of the tree.
	modules []string
}

// Work trees are found by a file of git, so the root that a caller found may
// not be the one that git has in mind.
var errOtherRoot = errors.New("git knows it as part of another work tree")

// Open reads the names in the tree of a revision. root is the top of a work
// tree. The tree has to be closed.
func Open(ctx context.Context, root, revision string) (*Tree, error) {
	top, err := run(ctx, root, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	if !sameFolder(root, strings.TrimRight(string(top), "\r\n")) {
		return nil, fmt.Errorf("%s: %w", root, errOtherRoot)
	}
	// --end-of-options keeps a revision that begins with a dash from being one.
	commit, err := run(ctx, root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("git knows no revision %q", revision)
	}
	list, err := run(ctx, root, "ls-tree", "-r", "-z", "--full-tree", strings.TrimSpace(string(commit)))
	if err != nil {
		return nil, err
	}
	t := &Tree{nodes: map[string]*node{".": {name: ".", mode: fs.ModeDir | 0o555}}}
	for entry := range strings.SplitSeq(string(list), "\x00") {
		t.add(entry)
	}
	for _, n := range t.nodes {
		slices.SortFunc(n.children, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	}
	t.objects, err = open(ctx, root)
	return t, err
}

func sameFolder(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// add adds one entry as ls-tree writes it: mode, type, object, a tab and the
// path. https://git-scm.com/docs/git-ls-tree#_output_format
func (t *Tree) add(entry string) {
	head, name, ok := strings.Cut(entry, "\t")
	fields := strings.Fields(head)
	if !ok || len(fields) != 3 || !fs.ValidPath(name) {
		return
	}
	n := &node{name: path.Base(name), object: fields[2], mode: 0o444}
	switch fields[0] {
	case "160000":
		t.modules = append(t.modules, name)
		return
	case "120000":
		n.mode |= fs.ModeSymlink
	}
	t.nodes[name] = n
	parent := t.folder(path.Dir(name))
	parent.children = append(parent.children, n)
}

func (t *Tree) folder(name string) *node {
	n, ok := t.nodes[name]
	if !ok {
		n = &node{name: path.Base(name), mode: fs.ModeDir | 0o555}
		t.nodes[name] = n
		parent := t.folder(path.Dir(name))
		parent.children = append(parent.children, n)
	}
	return n
}

// Submodules are the paths in the tree that belong to other repositories. They
// are not in the tree.
func (t *Tree) Submodules() []string { return t.modules }

// Close ends the process that reads objects.
func (t *Tree) Close() { t.objects.close() }

// command keeps git from the network, from locks and from questions.
func command(ctx context.Context, root string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", slices.Concat([]string{"-c", "core.fsmonitor=false", "--no-pager"}, args)...)
	cmd.Dir = root
	cmd.Env = append(cmd.Environ(),
		"GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
	return cmd
}

// run returns what a git command writes. Its error says what git says.
func run(ctx context.Context, root string, args ...string) ([]byte, error) {
	cmd := command(ctx, root, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err == nil {
		return out, nil
	}
	if said := strings.TrimSpace(stderr.String()); said != "" {
		return nil, fmt.Errorf("git %s: %s", args[0], said)
	}
	return nil, fmt.Errorf("git %s: %w", args[0], err)
}
