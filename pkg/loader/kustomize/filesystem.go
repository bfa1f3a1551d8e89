package kustomize

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// filesystem is what the library sees: the texts of a plan, and the folders that hold
// them. It reads no other file and writes none. Once the context is done every file is
// gone, which ends a build that takes too long.
type filesystem struct {
	ctx    context.Context //nolint:containedctx // the interface of the library has no place for it
	served map[string][]byte
}

var errReadOnly = errors.New("the files of a build are not written")

func (f *filesystem) missing(name string) error {
	return &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadFile implements filesys.FileSystem.
func (f *filesystem) ReadFile(name string) ([]byte, error) {
	if err := f.ctx.Err(); err != nil {
		return nil, err
	}
	text, ok := f.served[filepath.ToSlash(name)]
	if !ok {
		return nil, f.missing(name)
	}
	return text, nil
}

// IsDir implements filesys.FileSystem.
func (f *filesystem) IsDir(name string) bool {
	prefix := strings.TrimSuffix(filepath.ToSlash(name), "/") + "/"
	for served := range f.served {
		if strings.HasPrefix(served, prefix) {
			return true
		}
	}
	return false
}

// Exists implements filesys.FileSystem.
func (f *filesystem) Exists(name string) bool {
	_, ok := f.served[filepath.ToSlash(name)]
	return ok || f.IsDir(name)
}

// CleanedAbs implements filesys.FileSystem.
func (f *filesystem) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	name = path.Clean(filepath.ToSlash(name))
	if f.IsDir(name) {
		return filesys.ConfirmedDir(name), "", nil
	}
	if !f.Exists(name) {
		return "", "", f.missing(name)
	}
	return filesys.ConfirmedDir(path.Dir(name)), path.Base(name), nil
}

// Open implements filesys.FileSystem. The library reads whole files.
func (f *filesystem) Open(name string) (filesys.File, error) {
	return nil, fmt.Errorf("%s: files are read as a whole", name)
}

// ReadDir implements filesys.FileSystem. No field of a kustomization lists folders.
func (f *filesystem) ReadDir(name string) ([]string, error) { return nil, f.missing(name) }

// Glob implements filesys.FileSystem. No field of a kustomization holds patterns.
func (f *filesystem) Glob(pattern string) ([]string, error) { return nil, f.missing(pattern) }

// Walk implements filesys.FileSystem.
func (f *filesystem) Walk(name string, _ filepath.WalkFunc) error { return f.missing(name) }

// Create implements filesys.FileSystem.
func (f *filesystem) Create(string) (filesys.File, error) { return nil, errReadOnly }

// Mkdir implements filesys.FileSystem.
func (f *filesystem) Mkdir(string) error { return errReadOnly }

// MkdirAll implements filesys.FileSystem.
func (f *filesystem) MkdirAll(string) error { return errReadOnly }

// RemoveAll implements filesys.FileSystem.
func (f *filesystem) RemoveAll(string) error { return errReadOnly }

// WriteFile implements filesys.FileSystem.
func (f *filesystem) WriteFile(string, []byte) error { return errReadOnly }
