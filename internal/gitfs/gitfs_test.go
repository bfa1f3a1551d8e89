package gitfs_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/internal/gitfs"
)

// repository makes one with a commit of the files.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	root := t.TempDir()
	git(t, root, "init", "--quiet")
	for name, text := range files {
		write(t, root, name, text)
	}
	commit(t, root)
	return root
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	name = filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func git(t *testing.T, root string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@localhost", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@localhost")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func commit(t *testing.T, root string) {
	t.Helper()
	git(t, root, "add", "--all")
	git(t, root, "commit", "--quiet", "--no-verify", "-m", "state")
}

func openTree(t *testing.T, root, revision string) *gitfs.Tree {
	t.Helper()
	tree, err := gitfs.Open(t.Context(), root, revision)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tree.Close)
	return tree
}

func TestTree(t *testing.T) {
	t.Parallel()
	root := repository(t, map[string]string{
		"a.yaml": "a\n", "sub/b.yaml": "", "sub/deep/c d\tü.yaml": "no line feed", ".gitignore": "x",
	})
	first := git(t, root, "rev-parse", "HEAD")
	write(t, root, "a.yaml", "changed")
	write(t, root, "new.yaml", "new")
	commit(t, root)
	tree := openTree(t, root, first)
	if err := fstest.TestFS(tree, "a.yaml", "sub/b.yaml", "sub/deep/c d\tü.yaml", ".gitignore"); err != nil {
		t.Error(err)
	}
	got := map[string]string{}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(tree, name)
		got[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a.yaml": "a\n", "sub/b.yaml": "", "sub/deep/c d\tü.yaml": "no line feed", ".gitignore": "x"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestLinksAndSubmodulesAreNotRead(t *testing.T) {
	t.Parallel()
	root := repository(t, map[string]string{"a.yaml": "a"})
	if err := os.Symlink("/etc/passwd", filepath.Join(root, "link.yaml")); err != nil {
		t.Fatal(err)
	}
	git(t, root, "add", "--all")
	git(t, root, "update-index", "--add", "--cacheinfo", "160000,"+git(t, root, "rev-parse", "HEAD")+",deps/module")
	git(t, root, "commit", "--quiet", "--no-verify", "-m", "state")
	tree := openTree(t, root, "HEAD")
	if _, err := fs.ReadFile(tree, "link.yaml"); err == nil || !strings.Contains(err.Error(), "not followed") {
		t.Errorf("a link is read: %v", err)
	}
	if _, err := fs.Stat(tree, "link.yaml"); err == nil {
		t.Error("a link is followed")
	}
	if want := []string{"deps/module"}; !slices.Equal(tree.Submodules(), want) {
		t.Errorf("submodules %v, want %v", tree.Submodules(), want)
	}
	if _, err := fs.Stat(tree, "deps/module"); err == nil {
		t.Error("a submodule is part of the tree")
	}
}

func TestPointersAreNoContent(t *testing.T) {
	t.Parallel()
	root := repository(t, map[string]string{"a.yaml": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 2\n", "b.yaml": "b"})
	tree := openTree(t, root, "HEAD")
	if _, err := fs.ReadFile(tree, "a.yaml"); err == nil || !strings.Contains(err.Error(), "Git LFS") {
		t.Errorf("a pointer of Git LFS is read: %v", err)
	}
	if text, err := fs.ReadFile(tree, "b.yaml"); err != nil || string(text) != "b" {
		t.Errorf("the next file: got %q, %v", text, err)
	}
}

func TestNothingOfTheRepositoryRuns(t *testing.T) {
	t.Parallel()
	root := repository(t, map[string]string{"a.yaml": "a", ".gitattributes": "*.yaml filter=evil diff=evil\n"})
	trace := filepath.Join(t.TempDir(), "ran")
	evil := filepath.Join(t.TempDir(), "evil")
	if err := os.WriteFile(evil, []byte("#!/bin/sh\necho ran >> "+trace+"\ncat\n"), 0o755); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	for _, key := range []string{"filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "core.fsmonitor", "core.pager", "core.sshCommand"} {
		git(t, root, "config", key, evil)
	}
	text, err := fs.ReadFile(openTree(t, root, "HEAD"), "a.yaml")
	if err != nil || string(text) != "a" {
		t.Errorf("got %q, %v", text, err)
	}
	if _, err := os.Stat(trace); err == nil {
		t.Error("a program that the repository names was run")
	}
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	root := repository(t, map[string]string{"sub/a.yaml": "a"})
	for _, test := range []struct{ name, dir, revision, want string }{
		{"no such revision", root, "nowhere", `git knows no revision "nowhere"`},
		{"an option is no revision", root, "--all", `git knows no revision "--all"`},
		{"an option with a value is no revision", root, "--output=x", `git knows no revision`},
		{"nothing is no revision", root, "", `git knows no revision ""`},
		{"a range is no revision", root, "HEAD..HEAD", `git knows no revision`},
		{"a file is no revision", root, "HEAD:sub/a.yaml", `git knows no revision`},
		{"not the top of the work tree", filepath.Join(root, "sub"), "HEAD", "another work tree"},
		{"no work tree", t.TempDir(), "HEAD", "not a git repository"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := gitfs.Open(t.Context(), test.dir, test.revision)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}
