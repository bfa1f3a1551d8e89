package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/pkg/loader"
)

// input is what the paths of a command line stand for. Files are read through
// a root that they cannot leave: the git work tree, or the given folder.
type input struct {
	cwd  string
	root string
	dir  *os.Root
	fsys fs.FS
	// paths are relative to root, with slashes; "-" is standard input.
	paths []string
	stdin []byte
}

// open finds the root of the given paths and opens it.
func (e *env) open(args []string) (*input, error) {
	cwd, err := workingDir()
	if err != nil {
		return nil, err
	}
	in := &input{cwd: cwd}
	var absolute []string
	for _, arg := range args {
		if arg == "-" {
			if in.stdin, err = io.ReadAll(e.stdin); err != nil {
				return nil, fmt.Errorf("read standard input: %w", err)
			}
			in.paths = append(in.paths, "-")
			continue
		}
		abs, err := in.absolute(arg)
		if err != nil {
			return nil, err
		}
		absolute = append(absolute, abs)
	}
	in.root = commonRoot(cwd, absolute)
	for _, abs := range absolute {
		rel, err := filepath.Rel(in.root, abs)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", abs, err)
		}
		in.paths = append(in.paths, filepath.ToSlash(rel))
	}
	if in.dir, err = os.OpenRoot(in.root); err != nil {
		return nil, fmt.Errorf("open %s: %w", in.root, err)
	}
	in.fsys = in.dir.FS()
	return in, nil
}

func (in *input) close() { _ = in.dir.Close() } // only read from

func workingDir() (string, error) {
	cwd, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("working directory: %w", err)
	}
	if real, err := filepath.EvalSymlinks(cwd); err == nil {
		cwd = real
	}
	return cwd, nil
}

// absolute resolves a path of the command line, following the links that the
// user named. A glob keeps its pattern behind the folder that it starts in.
func (in *input) absolute(arg string) (string, error) {
	abs := arg
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(in.cwd, abs)
	}
	real, err := filepath.EvalSymlinks(abs)
	if err == nil {
		return real, nil
	}
	if !errIsNotExist(err) {
		return "", usagef("%s: %w", arg, err)
	}
	fixed, pattern := splitGlob(abs)
	if pattern == "" {
		return "", usagef("%s: no such file or folder", arg)
	}
	if real, err = filepath.EvalSymlinks(fixed); err != nil {
		return "", usagef("%s: no such file or folder", arg)
	}
	return filepath.Join(real, pattern), nil
}

// splitGlob cuts a path before its first element with a wildcard.
func splitGlob(name string) (fixed, pattern string) {
	elems := strings.Split(name, string(filepath.Separator))
	for i, e := range elems {
		if !strings.ContainsAny(e, "*?[{") {
			continue
		}
		fixed = filepath.Join(elems[:i]...)
		if filepath.IsAbs(name) {
			fixed = string(filepath.Separator) + fixed
		}
		return filepath.Clean(fixed), filepath.Join(elems[i:]...)
	}
	return name, ""
}

// commonRoot is the folder that holds the roots of all paths.
func commonRoot(cwd string, paths []string) string {
	if len(paths) == 0 {
		return rootOf(cwd, cwd)
	}
	root := rootOf(cwd, paths[0])
	for _, p := range paths[1:] {
		other := rootOf(cwd, p)
		for !within(root, other) {
			root = filepath.Dir(root)
		}
	}
	return root
}

// rootOf is the git work tree that holds the path, else the nearest folder
// above with a config, else the working directory if it holds the path, else the
// path's own folder.
func rootOf(cwd, name string) string {
	dir, _ := splitGlob(name)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	dir = filepath.Clean(dir)
	for _, marker := range []string{".git", config.Name} {
		for d := dir; ; d = filepath.Dir(d) {
			if _, err := os.Stat(filepath.Join(d, marker)); err == nil {
				return d
			}
			if d == filepath.Dir(d) {
				break
			}
		}
	}
	if within(cwd, dir) {
		return cwd
	}
	return dir
}

func within(root, name string) bool {
	rel, err := filepath.Rel(root, name)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// relative returns a path of the command line relative to the root.
func (in *input) relative(arg string) (string, error) {
	abs, err := in.absolute(arg)
	if err != nil {
		return "", err
	}
	if !within(in.root, abs) {
		return "", fmt.Errorf("%s lies outside %s", arg, in.root)
	}
	rel, err := filepath.Rel(in.root, abs)
	return filepath.ToSlash(rel), err
}

// allRelative is relative for several names.
func (in *input) allRelative(args []string) ([]string, error) {
	var out []string
	for _, arg := range args {
		rel, err := in.relative(arg)
		if err != nil {
			return nil, usageError{err}
		}
		out = append(out, rel)
	}
	return out, nil
}

// configDir is where the search for a config begins: the folder that all paths share.
func (in *input) configDir() string {
	dir := ""
	for _, p := range in.paths {
		if p == "-" {
			continue
		}
		fixed, _ := splitGlob(p)
		fixed = path.Clean(fixed)
		if info, err := fs.Stat(in.fsys, fixed); err != nil || !info.IsDir() {
			fixed = path.Dir(fixed)
		}
		if dir == "" {
			dir = fixed
		}
		for dir != "." && fixed != dir && !strings.HasPrefix(fixed, dir+"/") {
			dir = path.Dir(dir)
		}
	}
	if dir == "" {
		rel, err := filepath.Rel(in.root, in.cwd)
		if err != nil {
			return "."
		}
		return filepath.ToSlash(rel)
	}
	return dir
}

// display writes a file as the user would name it from the working directory.
func (in *input) display(file string) string {
	if slices.Contains(in.paths, "-") && file == loader.StdinName {
		return file
	}
	abs := filepath.Join(in.root, filepath.FromSlash(file))
	rel, err := filepath.Rel(in.cwd, abs)
	if err != nil {
		return abs
	}
	return filepath.ToSlash(rel)
}

func (in *input) reportOptions(cfg config.Config, files loader.Files) report.Options {
	return report.Options{
		Display:    in.display,
		Repository: in.repositoryPath,
		Link:       sourceLink(),
		Text: func(name string) ([]byte, bool) {
			if text, ok := files.Text(name); ok {
				return text, true
			}
			return cfg.Text(name)
		},
		Root:    in.root,
		Version: version,
		Quiet:   cfg.Quiet,
		Color:   !cfg.NoColor,
	}
}

// errIsNotExist reports whether a path of the command line is not there.
func errIsNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }
