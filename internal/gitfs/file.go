package gitfs

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"time"
)

var (
	errIsFolder = errors.New("is a folder")
	errIsLink   = errors.New("symbolic link, not followed")
)

// node is a file, a folder or a symbolic link.
type node struct {
	name     string
	mode     fs.FileMode
	object   string
	children []*node
}

// Open implements fs.FS. Symbolic links are not followed.
func (t *Tree) Open(name string) (fs.File, error) {
	n, err := t.find("open", name)
	if err != nil {
		return nil, err
	}
	switch {
	case n.mode.IsDir():
		return &folder{info: info{n, 0}, tree: t, rest: n.children}, nil
	case n.mode&fs.ModeSymlink != 0:
		return nil, &fs.PathError{Op: "open", Path: name, Err: errIsLink}
	}
	content, size, err := t.objects.read(n.object)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &file{info{n, size}, bytes.NewReader(content)}, nil
}

func (t *Tree) find(op, name string) (*node, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	n, ok := t.nodes[name]
	if !ok {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return n, nil
}

// info describes a node.
type info struct {
	*node
	size int64
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) Type() fs.FileMode  { return i.mode.Type() }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }

// entry is a node in the list of its folder.
type entry struct {
	info
	tree *Tree
}

// Info implements fs.DirEntry. The size of a file is known once it is read.
func (e entry) Info() (fs.FileInfo, error) {
	if !e.mode.IsRegular() {
		return e.info, nil
	}
	_, size, err := e.tree.objects.read(e.object)
	if errors.Is(err, errIsPointer) {
		err = nil // it has a size
	}
	return info{e.node, size}, err
}

type file struct {
	info
	*bytes.Reader
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Size() int64                { return f.size }
func (f *file) Close() error               { return nil }

type folder struct {
	info
	tree *Tree
	rest []*node
}

func (f *folder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *folder) Close() error               { return nil }

func (f *folder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.name, Err: errIsFolder}
}

// ReadDir implements fs.ReadDirFile.
func (f *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	count := len(f.rest)
	if n > 0 && count == 0 {
		return nil, io.EOF
	}
	if n > 0 {
		count = min(n, count)
	}
	var out []fs.DirEntry
	for _, child := range f.rest[:count] {
		out = append(out, entry{info{child, 0}, f.tree})
	}
	f.rest = f.rest[count:]
	return out, nil
}
