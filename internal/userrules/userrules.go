// Package userrules reads the folders in which users keep their own rules.
package userrules

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/ekslint/ekslint/internal/regorule"
)

// CasesFolder holds the cases of rules; nothing in it is a rule or data.
const CasesFolder = "testdata"

// mostBytes bounds a file.
const mostBytes = 16 << 20

// Folder is a place where rules are: a folder, or one file.
type Folder struct {
	// FS holds the folder; links cannot lead out of it.
	FS fs.FS
	// Path is the folder or file in FS.
	Path string
	// Name is how messages name it.
	Name string
}

// Load reads all folders as one set of rules: every .rego file, and every
// .json, .yaml and .yml file as data at the path of its folder. Hidden files and
// CasesFolder are passed over. The error joins every mistake, each with its file
// and line.
func Load(folders []Folder) (*regorule.Policies, error) {
	r := &reading{seen: map[string]bool{}}
	for _, f := range folders {
		r.folder(f)
	}
	if err := errors.Join(r.errs...); err != nil {
		return nil, err
	}
	return regorule.ParsePolicies(r.files)
}

type reading struct {
	files []regorule.File
	seen  map[string]bool
	errs  []error
}

func (r *reading) fail(name string, err error) {
	var broken *fs.PathError
	if errors.As(err, &broken) {
		err = broken.Err
	}
	r.errs = append(r.errs, fmt.Errorf("%s: %w", name, err))
}

func (r *reading) folder(f Folder) {
	info, err := fs.Stat(f.FS, f.Path)
	if err != nil {
		r.fail(f.Name, err)
		return
	}
	if !info.IsDir() {
		r.file(f.FS, f.Path, f.Name, ".")
		return
	}
	rego := false
	err = fs.WalkDir(f.FS, f.Path, func(name string, entry fs.DirEntry, err error) error {
		rel := strings.TrimPrefix(strings.TrimPrefix(name, f.Path), "/")
		if f.Path == "." {
			rel = name
		}
		shown := path.Join(f.Name, rel)
		switch {
		case err != nil:
			r.fail(shown, err)
		case name == f.Path:
		case isPassedOver(entry):
			if entry.IsDir() {
				return fs.SkipDir
			}
		case !entry.IsDir() && isRead(name):
			rego = true
			r.file(f.FS, name, shown, path.Dir(rel))
		}
		return nil
	})
	if err != nil {
		r.fail(f.Name, err)
	}
	if !rego && len(r.errs) == 0 {
		r.fail(f.Name, errors.New("no rules and no data in this folder"))
	}
}

func isPassedOver(entry fs.DirEntry) bool {
	name := entry.Name()
	return strings.HasPrefix(name, ".") || entry.IsDir() && name == CasesFolder
}

func isRead(name string) bool {
	switch path.Ext(name) {
	case ".rego", ".json", ".yaml", ".yml":
		return true
	default:
		return false
	}
}

// file reads one file, once: a folder given beside one that holds it is the
// root of its data.
func (r *reading) file(fsys fs.FS, name, shown, dir string) {
	if !isRead(name) {
		r.fail(shown, errors.New("want a folder or a .rego file"))
		return
	}
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		r.fail(shown, err)
		return
	case info.IsDir():
		r.fail(shown, errors.New("a link to a folder is not followed"))
		return
	case info.Size() > mostBytes:
		r.fail(shown, fmt.Errorf("larger than %d MiB", mostBytes>>20))
		return
	}
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		r.fail(shown, err)
		return
	}
	f := regorule.File{Name: shown, Text: text}
	if dir != "." {
		f.Dir = strings.Split(dir, "/")
	}
	r.keep(f)
}

// keep adds a file, in place of the same file of a folder above.
func (r *reading) keep(f regorule.File) {
	if !r.seen[f.Name] {
		r.seen[f.Name] = true
		r.files = append(r.files, f)
		return
	}
	for i, old := range r.files {
		if old.Name == f.Name && len(f.Dir) < len(old.Dir) {
			r.files[i] = f
		}
	}
}
