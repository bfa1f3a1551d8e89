package helm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	"helm.sh/helm/v4/pkg/ignore"

	"github.com/ekslint/ekslint/pkg/model"
)

const (
	// maxFile is the size of the largest file that is read.
	maxFile = 64 << 20
	// maxTotal bounds a chart with all its subcharts, unpacked. It is Helm's own
	// bound for an archive.
	maxTotal = 100 << 20
)

var errTooLarge = errors.New("the chart is larger than 100 MiB")

var byteOrderMark = []byte("\xef\xbb\xbf")

// origin is one file of a chart.
type origin struct {
	// name is that of the file in the tree. For a file of an archive, the name of
	// the archive is its folder.
	name string
	// text is without the byte order mark, of which skip is the length.
	text []byte
	skip int
	// stand is the place that stands for a file of an archive.
	stand model.Span
}

// span is a range of bytes of the text, and that of the archive if it lies in one.
func (o *origin) span(start, end int) model.Span {
	if !o.stand.IsZero() {
		return o.stand
	}
	start = min(max(start, 0), len(o.text))
	end = min(max(end, start), len(o.text))
	return model.Span{File: o.name, Start: start + o.skip, End: end + o.skip}
}

// file is the name of the file that spans point to.
func (o *origin) file() string { return o.span(0, 0).File }

// line is the content of the line that holds the offset.
func (o *origin) line(offset int) model.Span {
	offset = min(max(offset, 0), len(o.text))
	start := bytes.LastIndexByte(o.text[:offset], '\n') + 1
	line, _, _ := bytes.Cut(o.text[start:], []byte("\n"))
	end := start + len(bytes.TrimRight(line, " \t\r"))
	start += len(line) - len(bytes.TrimLeft(line, " \t"))
	return o.span(start, max(start, end))
}

// somewhere stands for a place in the file that is not certain.
func (o *origin) somewhere() model.Span {
	at := o.line(0)
	at.Inexact = true
	return at
}

// folder holds the files of a chart and of the charts in it, by their names in it.
type folder struct {
	name  string
	files map[string]*origin
	// stand is the place that stands for what lies in an archive.
	stand model.Span
}

// folder reads the chart in a folder, or says why it cannot.
func (x *loading) folder(dir string) *folder {
	f := &folder{name: dir, files: map[string]*origin{}}
	rules := x.ignored(dir)
	err := fs.WalkDir(x.fsys, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		inner := within(dir, name)
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if entry.Name() == ".git" || rules.Ignore(inner, info) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		return x.entry(f, name, inner, entry)
	})
	if err != nil {
		x.problem(model.Span{File: path.Join(dir, chartFile)}, "the chart cannot be read: "+reason(err))
		x.unforeseen("the chart " + dir + " cannot be read")
		return nil
	}
	return f
}

func within(dir, name string) string {
	if dir == "." {
		return name
	}
	return strings.TrimPrefix(name, dir+"/")
}

// ignored reads the .helmignore of a chart. Patterns of subcharts count for nothing,
// as with Helm.
func (x *loading) ignored(dir string) *ignore.Rules {
	name := path.Join(dir, ignore.HelmIgnore)
	text, err := fs.ReadFile(x.fsys, name)
	rules := ignore.Empty()
	if err == nil {
		parsed, err := ignore.Parse(bytes.NewReader(text))
		if err != nil {
			x.problem(model.Span{File: name}, err.Error())
		} else {
			rules = parsed
		}
	}
	rules.AddDefaults()
	return rules
}

// entry reads one entry of a chart. A link to a file is followed as far as the tree
// goes, one to a folder is not, so that the walk ends.
func (x *loading) entry(f *folder, name, inner string, entry fs.DirEntry) error {
	if entry.IsDir() {
		return nil
	}
	info, err := fs.Stat(x.fsys, name)
	if err != nil || !info.Mode().IsRegular() {
		x.note(name, "no regular file, left out of the chart")
		if first, _, _ := strings.Cut(inner, "/"); first == "templates" || first == "charts" {
			x.unforeseen(name + " is not read")
		}
		return nil
	}
	if info.Size() > maxFile {
		return errTooLarge
	}
	text, err := x.read(name)
	if err != nil {
		return err
	}
	o := newOrigin(name, text)
	f.files[inner], x.files[name] = o, o
	return nil
}

func newOrigin(name string, text []byte) *origin {
	cut := bytes.TrimPrefix(text, byteOrderMark)
	return &origin{name: name, text: cut, skip: len(text) - len(cut)}
}

func (x *loading) read(name string) (_ []byte, err error) {
	file, err := x.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	text, err := io.ReadAll(io.LimitReader(file, int64(x.budget)+1))
	if err != nil {
		return nil, err
	}
	x.budget -= len(text)
	if x.budget < 0 {
		return nil, errTooLarge
	}
	return text, nil
}

// unpack reads an archived subchart. Helm bounds one archive, and the budget all of them.
func (x *loading) unpack(packed *origin, stand model.Span) (*folder, error) {
	files, err := archive.LoadArchiveFiles(bytes.NewReader(packed.text))
	if err != nil {
		return nil, err
	}
	f := &folder{name: packed.name, files: map[string]*origin{}, stand: stand}
	for _, file := range files {
		x.budget -= len(file.Data)
		f.files[file.Name] = &origin{name: path.Join(packed.name, file.Name), text: file.Data, stand: stand}
	}
	if x.budget < 0 {
		return nil, errTooLarge
	}
	return f, nil
}

// below returns the names directly beneath a folder of the chart, sorted.
func (f *folder) below(dir string) []string {
	seen := map[string]bool{}
	var out []string
	for name := range f.files {
		rest, inside := strings.CutPrefix(name, dir+"/")
		first, _, _ := strings.Cut(rest, "/")
		if inside && !seen[first] {
			seen[first] = true
			out = append(out, first)
		}
	}
	slices.Sort(out)
	return out
}

// sub is a folder of the chart as a chart of its own.
func (f *folder) sub(dir string) *folder {
	out := &folder{name: path.Join(f.name, dir), files: map[string]*origin{}, stand: f.stand}
	for name, file := range f.files {
		if rest, inside := strings.CutPrefix(name, dir+"/"); inside {
			out.files[rest] = file
		}
	}
	return out
}

// reason is an error without the name of the file, which the report shows.
func reason(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Sprintf("%s: %v", p.Path, p.Err)
	}
	return err.Error()
}
