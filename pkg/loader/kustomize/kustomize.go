package kustomize

import (
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// Result is what became of one kustomization.
type Result struct {
	// Fragment holds the objects in the order in which kustomize prints them, and what
	// is to be said of the build. When the build failed it has no objects.
	Fragment model.Fragment
	// Used lists the files that the build read, sorted: kustomizations, resources,
	// patches, and what generators read.
	Used []string
	// Texts holds the content of the files that spans point to.
	Texts map[string][]byte
	// Failed says why the kustomization could not be built, and is nil when it was. It
	// is among the problems of the fragment when the user can mend it, and among its
	// notes when it rests on what is not read or not run.
	Failed *model.Problem
}

// Build builds the kustomization of the folder dir. It reads no file outside of fsys,
// opens no connection and runs no program, whatever the kustomization asks for.
func Build(fsys fs.FS, dir string, reader *manifest.Reader) Result {
	p, dir := newPlan(fsys), path.Clean(dir)
	root, bad := p.level(dir, isBase)
	if bad != nil {
		return p.failed(dir, bad)
	}
	built, bad := p.run(root)
	if bad != nil {
		return p.failed(dir, bad)
	}
	x := &decoding{plan: p, root: root, reader: reader}
	for _, b := range built {
		x.add(b)
	}
	return p.result(x.out)
}

func (p *plan) result(f model.Fragment) Result {
	f.Notes = slices.Concat(p.notes, f.Notes)
	f.Opaque = slices.Concat(p.opaque, f.Opaque)
	return Result{Fragment: f, Used: slices.Sorted(maps.Keys(p.texts)), Texts: p.texts}
}

// failed is the result of a kustomization that could not be built.
func (p *plan) failed(dir string, f *failure) Result {
	var part model.Fragment
	if f.isUnread || p.isIncomplete {
		part.Notes = []model.Note{{File: f.at.File, Message: f.message}}
	} else {
		part.Problems = []model.Problem{{At: f.at, Message: f.message}}
	}
	part.Opaque = []model.Opaque{manifest.Unforeseen("the kustomization of " + title(dir) + " is not built: " + f.message)}
	out := p.result(part)
	out.Failed = &model.Problem{At: f.at, Message: f.message}
	return out
}

func title(dir string) string {
	if dir == "." {
		return "the root folder"
	}
	return dir
}

// failure is why a kustomization cannot be built.
type failure struct {
	at      model.Span
	message string
	// isUnread is set when nothing is wrong with the input: it rests on what is not
	// read or not run.
	isUnread bool
}
