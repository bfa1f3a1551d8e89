package gitops

import (
	"bytes"
	"cmp"
	"io"
	"io/fs"
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

// Open opens a file that was laid over the tree before one of the tree.
func (o overlay) Open(name string) (fs.File, error) {
	if text, ok := o.texts[name]; ok {
		return &file{info{path.Base(name), int64(len(text))}, bytes.NewReader(text)}, nil
	}
	return o.FS.Open(name)
}

// ReadDir lists a folder with the files that were laid into it.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	if err != nil {
		return entries, err
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
