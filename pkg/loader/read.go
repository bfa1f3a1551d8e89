package loader

import (
	"context"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/ekslint/ekslint/pkg/loader/awscli"
	"github.com/ekslint/ekslint/pkg/loader/cloudformation"
	"github.com/ekslint/ekslint/pkg/loader/eksctl"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/loader/tfkubernetes"
	"github.com/ekslint/ekslint/pkg/loader/tfplan"
	"github.com/ekslint/ekslint/pkg/model"
)

// content is what the files hold, in the order of files and of the documents
// in them.
type content struct {
	units    []*unit
	problems []model.Problem
	notes    []model.Note
	plans    []planAt
	pages    []awscli.Page
	patches  []tfkubernetes.Patch
	touched  []touch
	texts    map[string][]byte
}

// unit is what one document, one build of a folder or one root module holds, and
// the place in the tree that decides which cluster it belongs to.
type unit struct {
	// at is a file or a folder.
	at string
	// dir is the folder that it was built of, empty for what is read as it is.
	dir string
	// cluster is the one of the user's that it was made for, empty for all.
	cluster string
	// destination is another cluster that a controller installs it in.
	destination string
	// isSettled is set when the user said with which values it is built.
	isSettled bool
	resources []*model.Resource
	opaque    []model.Opaque
	aws       *model.AWS
	// isWhole is set when the AWS side is meant to be applied as a whole, so that
	// two of them with an EKS cluster describe two clusters.
	isWhole  bool
	problems []model.Problem
	notes    []model.Note
}

// opened is a file cut into documents, or one that another format claims.
type opened struct {
	text      []byte
	documents []*manifest.Document
	claimed   model.Fragment
	isWhole   bool
	plan      *tfplan.Result
	pages     []awscli.Page
	problems  []model.Problem
}

// read reads the named files. Results are stored by index, so that their order
// is that of the input.
func read(ctx context.Context, in *input, names []string, reader *manifest.Reader, progress func(done, total int)) (*content, error) {
	files := make([]opened, len(names))
	err := parallel(ctx, len(names), func(i int) { files[i] = in.open(names[i]) })
	if err != nil {
		return nil, err
	}
	out := &content{texts: in.texts}
	var documents []*manifest.Document
	var owners []string
	for i, f := range files {
		if f.text != nil {
			in.texts[names[i]] = f.text
		}
		out.problems = append(out.problems, f.problems...)
		out.add(names[i], f.claimed, f.isWhole)
		out.pages = append(out.pages, f.pages...)
		if f.plan != nil {
			out.problems = append(out.problems, f.plan.Problems...)
			out.plans = append(out.plans, planAt{names[i], *f.plan})
		}
		if len(f.problems) > 0 {
			out.obscure(unreadable(names[i]))
		}
		documents = append(documents, f.documents...)
		owners = append(owners, slices.Repeat([]string{names[i]}, len(f.documents))...)
	}
	parts := make([]model.Fragment, len(documents))
	var done atomic.Int64
	err = parallel(ctx, len(documents), func(i int) {
		parts[i] = reader.Read(documents[i])
		addClusterConfig(&parts[i], owners[i], documents[i])
		if progress != nil {
			progress(int(done.Add(1)), len(documents))
		}
	})
	if err != nil {
		return nil, err
	}
	for i, p := range parts {
		out.add(owners[i], p, p.AWS != nil)
	}
	out.addUnseen()
	return out, nil
}

// addUnseen adds what pages that the input lacks may hold.
func (c *content) addUnseen() {
	for _, p := range awscli.Unfinished(c.pages) {
		c.add(p.File, model.Fragment{AWS: p.Unseen(), Notes: []model.Note{p.Note()}}, false)
	}
}

// addClusterConfig adds the AWS side that eksctl makes of a document.
func addClusterConfig(p *model.Fragment, file string, d *manifest.Document) {
	if len(p.Resources) != 1 || p.Resources[0].Ref.GroupKind() != model.KindClusterConfig {
		return
	}
	if root, offset := d.Tree(); root != nil {
		aws, problems := eksctl.Load(root, file, offset)
		p.AWS, p.Problems = aws, append(p.Problems, problems...)
	}
}

// add adds what a file holds.
func (c *content) add(file string, p model.Fragment, isWhole bool) {
	c.problems = append(c.problems, p.Problems...)
	c.notes = append(c.notes, p.Notes...)
	if len(p.Resources) > 0 || len(p.Opaque) > 0 || p.AWS != nil {
		c.units = append(c.units, &unit{at: file, resources: p.Resources, opaque: p.Opaque, aws: p.AWS, isWhole: isWhole})
	}
}

// obscure adds a source of objects that is not read.
func (c *content) obscure(o opaqueAt) {
	c.units = append(c.units, &unit{at: o.name, opaque: []model.Opaque{o.Opaque}})
}

// resources are those of all units.
func (c *content) resources() iter.Seq[*model.Resource] {
	return func(yield func(*model.Resource) bool) {
		for _, u := range c.units {
			for _, r := range u.resources {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// unreadable is the entry of a file or folder of which nothing is known.
func unreadable(name string) opaqueAt {
	return opaqueAt{name, manifest.Unforeseen(name + " cannot be read")}
}

// open reads one file. It does not change the input, so that files can be
// opened at the same time.
func (in *input) open(name string) opened {
	text, ok := in.texts[name]
	if !ok {
		var err error
		if text, err = readFile(in.fsys, name); err != nil {
			return opened{problems: []model.Problem{{At: model.Span{File: name}, Message: reason(err)}}}
		}
	}
	if awscli.Claims(text) {
		answers := awscli.Load(name, text)
		return opened{text: text, claimed: answers.Fragment, pages: answers.Pages}
	}
	if cloudformation.Claims(text) {
		return opened{text: text, claimed: cloudformation.Load(name, text), isWhole: true}
	}
	if tfplan.Claims(text) {
		plan := tfplan.Read(name, text)
		return opened{text: text, plan: &plan}
	}
	documents, problems := manifest.Documents(&manifest.File{Name: name, Text: text})
	return opened{text: text, documents: documents, problems: problems}
}

// parallel calls f for 0 to n-1 on all cores.
func parallel(ctx context.Context, n int, f func(int)) error {
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range min(runtime.GOMAXPROCS(0), n) {
		group.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				f(i)
			}
		})
	}
	return group.Wait()
}
