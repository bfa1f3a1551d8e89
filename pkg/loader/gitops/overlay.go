package gitops

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"
)

// FS is the tree with the files that Argo CD or Flux writes laid over it.
func (d Delivery) FS(fsys fs.FS) fs.FS {
	if len(d.Overlay) == 0 {
		return fsys
	}
	return overlay{fsys, d.Overlay}
}

type overlay struct {
	fs.FS
	texts map[string][]byte
}

// Open opens a file that was laid over the tree before one of the tree, and a
// folder with the files that were laid into it.
func (o overlay) Open(name string) (fs.File, error) {
	if text, ok := o.texts[name]; ok {
		return &file{info{path.Base(name), int64(len(text))}, bytes.NewReader(text)}, nil
	}
	opened, err := o.FS.Open(name)
	if err != nil || !slices.ContainsFunc(slices.Collect(maps.Keys(o.texts)), func(f string) bool { return path.Dir(f) == name }) {
		return opened, err
	}
	entries, err := o.entries(name)
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return &folder{opened, entries}, nil
}

func (o overlay) entries(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	if err != nil {
		return nil, err
	}
	for file, text := range o.texts {
		if path.Dir(file) != name {
			continue
		}
		entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == path.Base(file) })
		entries = append(entries, fs.FileInfoToDirEntry(info{path.Base(file), int64(len(text))}))
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// folder is an open folder of the tree with other entries.
type folder struct {
	fs.File
	left []fs.DirEntry
}

// ReadDir returns the next entries, as fs.ReadDirFile says.
func (f *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n > 0 && len(f.left) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(f.left) {
		n = len(f.left)
	}
	out := f.left[:n:n]
	f.left = f.left[n:]
	return out, nil
}

// file is an open file of the overlay.
type file struct {
	info info
	io.Reader
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

// info describes a file of the overlay, which has no time of its own.
type info struct {
	name string
	size int64
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return 0o444 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }
