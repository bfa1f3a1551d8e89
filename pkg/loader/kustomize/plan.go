package kustomize

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	// maxLevels bounds how often a build visits a kustomization. Two that each name the
	// next one twice multiply.
	maxLevels = 1000
	maxSize   = 64 << 20
)

// plan is everything that a build reads.
type plan struct {
	fsys fs.FS
	// texts are the files that were read.
	texts map[string][]byte
	trees map[string]*syntax.Node
	// served are the texts that the library sees, by absolute name.
	served map[string][]byte
	levels map[string]*level
	// open are the folders on the way from the root.
	open    []string
	origins []origin
	notes   []model.Note
	opaque  []model.Opaque
	// isIncomplete is set when something that may hold objects was left out, so that a
	// patch without an object to change is nobody's mistake.
	isIncomplete bool
}

// level is one kustomization of a build.
type level struct {
	dir, file string
	text      []byte
	tree      *syntax.Node
	body      types.Kustomization
	// resources are the files that hold its objects.
	resources         []string
	bases, components []*level
	patches           []patch
	replacements      []entry
	// transformers are the configurations of plugins that change objects.
	transformers []*document
	// visits is how many kustomizations the library loads for this one.
	visits int
}

func newPlan(fsys fs.FS) *plan {
	return &plan{
		fsys: fsys, texts: map[string][]byte{}, trees: map[string]*syntax.Node{},
		served: map[string][]byte{emptyFile: nil, unknownFile: []byte(unknownText)}, levels: map[string]*level{},
	}
}

// document is the kustomization as one of its file.
func (l *level) document() *document {
	return &document{writing: &writing{file: l.file, text: l.text}, body: l.text, root: l.tree}
}

// role is what another kustomization uses one as.
type role string

const (
	isBase      role = "a base"
	isComponent role = "a component"
)

// level reads the kustomization of a folder, and all that it refers to.
func (p *plan) level(dir string, as role) (*level, *failure) {
	l, ok := p.levels[dir]
	if !ok {
		var bad *failure
		if l, bad = p.enter(dir); bad != nil {
			return nil, bad
		}
		p.levels[dir] = l
	}
	if isOne := l.body.Kind == types.ComponentKind; isOne != (as == isComponent) {
		return nil, l.failure(l.tree.Find([]string{"kind"}), fmt.Sprintf("it is used as %s, and its kind is %s", as, l.kind()))
	}
	return l, nil
}

func (l *level) kind() string {
	if l.body.Kind == "" {
		return types.KustomizationKind
	}
	return l.body.Kind
}

func (p *plan) enter(dir string) (*level, *failure) {
	l, bad := p.find(dir)
	if bad != nil {
		return nil, bad
	}
	if bad := l.decode(); bad != nil {
		return nil, bad
	}
	p.open = append(p.open, dir)
	r := &rewriting{plan: p, level: l, out: l.body}
	bad = r.run()
	p.open = p.open[:len(p.open)-1]
	if bad != nil {
		return nil, bad
	}
	return l, nil
}

// find reads the kustomization file of a folder.
func (p *plan) find(dir string) (*level, *failure) {
	var found []string
	for _, name := range FileNames() {
		if info, err := fs.Stat(p.fsys, path.Join(dir, name)); err == nil && info.Mode().IsRegular() {
			found = append(found, path.Join(dir, name))
		}
	}
	switch len(found) {
	case 0:
		return nil, &failure{at: model.Span{File: dir}, message: "the folder has no kustomization file"}
	case 1:
	default:
		return nil, &failure{at: model.Span{File: found[0]}, message: "the folder has several kustomization files: " + strings.Join(found, ", ")}
	}
	text, err := p.read(found[0])
	if err != nil {
		return nil, &failure{at: model.Span{File: found[0]}, message: reason(err)}
	}
	return &level{dir: dir, file: found[0], text: text, visits: 1}, nil
}

// read reads a file of the tree, once.
func (p *plan) read(name string) ([]byte, error) {
	if text, ok := p.texts[name]; ok {
		return text, nil
	}
	info, err := fs.Stat(p.fsys, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxSize || info.Mode()&fs.ModeType&^fs.ModeDir != 0 {
		return nil, errors.New("not a file that is read")
	}
	text, err := fs.ReadFile(p.fsys, name)
	if err != nil {
		return nil, err
	}
	p.texts[name] = text
	return text, nil
}

// reason is the part of an error that says more than the name of the file.
func reason(err error) string {
	var pathError *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case errors.As(err, &pathError):
		return pathError.Err.Error()
	default:
		return err.Error()
	}
}

// isDir reports whether the name is that of a folder.
func (p *plan) isDir(name string) bool {
	info, err := fs.Stat(p.fsys, name)
	return err == nil && info.IsDir()
}

// leaveOut notes that something which may hold objects is not part of the build.
func (p *plan) leaveOut(l *level, what string) {
	p.isIncomplete = true
	p.note(l, what)
	p.opaque = append(p.opaque, manifest.Unforeseen("of the kustomization "+l.file+" "+what))
}

func (p *plan) note(l *level, message string) {
	n := model.Note{File: l.file, Message: message}
	if !slices.Contains(p.notes, n) {
		p.notes = append(p.notes, n)
	}
}

// closesCycle reports whether the folder is, or holds, one whose kustomization is
// being read. The library takes both for a cycle.
func (p *plan) closesCycle(dir string) bool {
	return slices.ContainsFunc(p.open, func(open string) bool { return within(dir, open) })
}

func within(dir, name string) bool {
	return dir == "." || name == dir || strings.HasPrefix(name, dir+"/")
}
