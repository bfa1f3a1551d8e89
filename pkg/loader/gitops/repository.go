package gitops

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// repository tells which of the repositories that objects name is the tree.
type repository struct {
	fsys fs.FS
	// remotes are the addresses of the clone, when the tree has a git directory
	// that tells them.
	remotes []string
	// isTop is set when the tree begins where the repository does.
	isTop bool
	// fitting are the repositories of which a named folder is in the tree. They
	// count only without remotes.
	fitting map[string]bool
}

// mention is a folder of a repository that an object in a file names.
type mention struct{ address, folder, file string }

func identify(fsys fs.FS, mentions []mention) repository {
	r := repository{fsys: fsys, remotes: remotes(fsys), fitting: map[string]bool{}}
	_, err := fs.Stat(fsys, ".git")
	r.isTop = err == nil || slices.ContainsFunc(mentions, func(m mention) bool { return m.isEvidence() && r.isFolder(m.folder) })
	for _, m := range mentions {
		if _, err := r.rootOf(m.folder, m.file); err == nil && m.isEvidence() {
			r.fitting[address(m.address)] = true
		}
	}
	return r
}

// isEvidence reports whether the folder tells anything: every repository has a
// root.
func (m mention) isEvidence() bool { return m.folder != "." }

// find returns the folder of the tree that an object in a file means by a
// folder of a repository, and the one where that repository begins.
func (r repository) find(repoURL, folder, file string) (root, dir string, err error) {
	folder, err = inside(folder)
	if err != nil {
		return "", "", err
	}
	if err := r.isThis(repoURL); err != nil {
		return "", "", err
	}
	root, err = r.rootOf(folder, file)
	return root, path.Join(root, folder), err
}

// isThis returns why the repository is not known to be the one of the tree.
func (r repository) isThis(repoURL string) error {
	a := address(repoURL)
	switch {
	case a == "":
		return errors.New("it names no repository")
	case len(r.remotes) > 0 && !slices.Contains(r.remotes, a):
		return fmt.Errorf("%s is another repository", repoURL)
	case len(r.remotes) > 0:
		return nil
	case !r.fitting[a]:
		return fmt.Errorf("nothing tells that %s is this repository", repoURL)
	case len(r.fitting) > 1:
		others := slices.DeleteFunc(slices.Sorted(maps.Keys(r.fitting)), func(b string) bool { return a == b })
		return fmt.Errorf("%s may be this repository, and so may %s", repoURL, strings.Join(others, " and "))
	default:
		return nil
	}
}

// mayHold returns where the repository begins that an object in a file names, if a
// folder of it is in the tree and it is not known to be another one.
func (r repository) mayHold(repoURL, folder, file string) (root string, ok bool) {
	if len(r.remotes) > 0 && !slices.Contains(r.remotes, address(repoURL)) && !placeholder.In(repoURL) {
		return "", false
	}
	root, err := r.rootOf(folder, file)
	return root, err == nil
}

// rootOf is the folder in which the repository begins: the tree itself, or the
// outermost folder above the file that holds the one asked for.
func (r repository) rootOf(folder, file string) (string, error) {
	roots := []string{"."}
	if !r.isTop && folder == "." {
		return "", errors.New("nothing tells where the repository begins")
	}
	if !r.isTop {
		roots = append(roots, above(file)...)
	}
	for _, root := range roots {
		if r.isFolder(path.Join(root, folder)) {
			return root, nil
		}
	}
	return "", fmt.Errorf("the folder %s is not in this repository", folder)
}

// above lists the folders that hold a file, outermost first.
func above(file string) []string {
	var out []string
	for i, c := range file {
		if c == '/' {
			out = append(out, file[:i])
		}
	}
	return slices.DeleteFunc(out, func(dir string) bool { return !fs.ValidPath(dir) })
}

func (r repository) isFolder(name string) bool {
	if !fs.ValidPath(name) {
		return false
	}
	info, err := fs.Stat(r.fsys, name)
	return err == nil && info.IsDir()
}

// inside cleans a path that must not leave the folder it starts in.
func inside(name string) (string, error) {
	clean := path.Clean(name)
	if !fs.ValidPath(clean) {
		return "", fmt.Errorf("the path %q leaves the repository", name)
	}
	return clean, nil
}

// address writes the address of a repository in one form for https, ssh and the
// short form of scp: host/owner/name. It is empty for what is none.
func address(repoURL string) string {
	text := strings.ToLower(strings.TrimSpace(repoURL))
	if _, rest, found := strings.Cut(text, "://"); found {
		text = rest
	} else if host, rest, found := strings.Cut(text, ":"); found && !strings.Contains(host, "/") {
		text = host + "/" + rest
	}
	host, rest, _ := strings.Cut(text, "/")
	if _, after, found := strings.Cut(host, "@"); found {
		host = after
	}
	host, _, _ = strings.Cut(host, ":")
	rest = strings.TrimSuffix(strings.Trim(rest, "/"), ".git")
	if host == "" || rest == "" {
		return ""
	}
	if plain, err := url.PathUnescape(rest); err == nil {
		rest = plain
	}
	return host + "/" + rest
}

// remotes reads the addresses of the configuration of a clone:
// https://git-scm.com/docs/git-config#_syntax
func remotes(fsys fs.FS) []string {
	text, err := fs.ReadFile(fsys, ".git/config")
	if err != nil {
		return nil
	}
	var out []string
	section := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = line
			continue
		}
		key, value, found := strings.Cut(line, "=")
		if !found || strings.TrimSpace(key) != "url" || !strings.HasPrefix(section, `[remote "`) {
			continue
		}
		if a := address(strings.Trim(strings.TrimSpace(value), `"`)); a != "" {
			out = append(out, a)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var (
	commit  = regexp.MustCompile(`^[0-9a-f]{7,64}$`)
	version = regexp.MustCompile(`^([\^~<>=!*]|[vV]?[0-9]+(\.([0-9]+|[xX*]))*([-+ ].*)?$)`)
)

// revision returns why a revision is not what the work tree shows. Any branch
// is: who checks a tree asks what happens when it gets there. A commit and a
// tag stand for what once was.
func (r repository) revision(name string) error {
	short := strings.TrimPrefix(name, "refs/heads/")
	switch {
	case name == "" || name == "HEAD":
		return nil
	case strings.HasPrefix(name, "refs/heads/"):
		return nil
	case commit.MatchString(name), version.MatchString(name), strings.HasPrefix(name, "refs/"), r.isTag(short):
		return fmt.Errorf("the revision %s need not be what this tree shows", name)
	default:
		return nil
	}
}

// isTag looks for a tag in the git directory, where it is a file or a line.
func (r repository) isTag(name string) bool {
	file := ".git/refs/tags/" + name
	if !fs.ValidPath(file) {
		return false
	}
	if info, err := fs.Stat(r.fsys, file); err == nil && !info.IsDir() {
		return true
	}
	packed, err := fs.ReadFile(r.fsys, ".git/packed-refs")
	return err == nil && strings.Contains(string(packed)+"\n", " refs/tags/"+name+"\n")
}
