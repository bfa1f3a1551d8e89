package loader

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/gitops"
	"github.com/ekslint/ekslint/pkg/loader/helm"
	"github.com/ekslint/ekslint/pkg/loader/kustomize"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// maxDeliveries bounds how much objects of Argo CD and Flux install, and through
// how many others.
const (
	maxDeliveries    = 2000
	maxDeliveryDepth = 10
)

// deliveries follows what objects of Argo CD and Flux install from folders of the
// tree: such a folder is no cluster of its own, and belongs to the one of the object,
// with the values and the namespace that the object names.
type deliveries struct {
	*builder
	// referred are the objects of the input that those which install may refer to.
	referred []placed
	// reached are the folders and files that were installed.
	reached map[string]bool
	// done are the deliveries that were followed.
	done map[string]bool
	// used are the manifests that were built on the way, and are not read as they
	// are besides.
	used map[string]bool
	// touched are the folders that something installs in a way that is not known, and
	// what does it.
	touched []touch
	out     []*unit
}

// touch is a folder, or a pattern of folders, that a unit installs in a way that is not
// known, and why it is not.
type touch struct {
	pattern string
	by      *unit
	why     string
}

// placed is a resource at its place in the tree.
type placed struct {
	at string
	*model.Resource
}

// deliver returns the units with what their objects install in place of the folders
// that are installed.
//
// What touched names besides is unknown in the same way.
func (b *builder) deliver(ctx context.Context, units []*unit, touched []touch) []*unit {
	d := &deliveries{builder: b, touched: touched, reached: map[string]bool{}, done: map[string]bool{}, used: map[string]bool{}}
	for _, u := range units {
		d.referred = append(d.referred, u.referred()...)
	}
	targets := map[string][]*unit{}
	for _, u := range units {
		found, _ := d.installed(u)
		for _, x := range found {
			for _, name := range targetsOf(x) {
				if !within(x.Path, u.at) {
					targets[name] = append(targets[name], u)
				}
			}
		}
	}
	var left []*unit
	for _, u := range units {
		if slices.ContainsFunc(targets[u.target()], func(by *unit) bool { return b.o.mayTake(by, u) }) {
			left = append(left, u)
			continue
		}
		d.follow(ctx, u, 0)
	}
	// Folders that install each other, or that nothing installs after all.
	for _, u := range left {
		if !d.reached[u.target()] {
			d.follow(ctx, u, 0)
		}
	}
	out := slices.DeleteFunc(d.out, func(u *unit) bool { return u.dir == "" && d.used[u.at] })
	for i, u := range out {
		out[i] = d.unsettled(ctx, u)
	}
	return out
}

// unsettled is what is left of a unit when something installs its folder with options
// that are not known, and the user has not said how to build it either: of a chart what
// rests on no value, of a kustomization, of which patches may change anything, nothing.
func (d *deliveries) unsettled(ctx context.Context, u *unit) *unit {
	if u.dir == "" || u.isSettled {
		return u
	}
	i := slices.IndexFunc(d.touched, func(t touch) bool {
		ok, err := path.Match(t.pattern, u.dir)
		return err == nil && ok && !within(u.dir, t.by.at) && d.o.mayTake(t.by, u)
	})
	if i < 0 {
		return u
	}
	why := d.touched[i].why
	if u.at != path.Join(u.dir, chartFile) {
		return &unit{
			at: u.at, dir: u.dir, cluster: u.cluster, destination: u.destination,
			opaque: []model.Opaque{manifest.Unforeseen(title(u.dir) + " is not analysed: " + why)},
			notes:  append(slices.Clip(u.notes), model.Note{File: u.dir, Message: "kustomization not analysed: " + why}),
		}
	}
	r := rendering{fsys: d.in.fsys, dir: u.dir, reader: d.reader}
	out := r.render(ctx, helm.Options{IsOpen: true})
	d.in.remember(r.texts)
	out.at, out.dir, out.cluster, out.destination = u.at, u.dir, u.cluster, u.destination
	out.problems = nil // other values may be what they lack
	out.notes = append(out.notes, model.Note{
		File: u.dir, Message: "Helm chart: what depends on its values is unknown, unless --values or the config names them: " + why,
	})
	return out
}

// mayTake reports whether a unit that another one installs is no longer one of its
// own: the user may have put it into a cluster that the other one is not in.
func (o Options) mayTake(by, u *unit) bool {
	for _, c := range o.Clusters {
		if (u.cluster == "" || u.cluster == c.Name) && c.holds(u.at) && !c.holds(by.at) {
			return false
		}
	}
	return true
}

func isInstaller(gk model.GroupKind) bool { return slices.Contains(gitops.Kinds(), gk) }

// target is what a delivery of the unit names: its folder, or its file.
func (u *unit) target() string { return cmp.Or(u.dir, u.at) }

// targetsOf are the units that a delivery stands for.
func targetsOf(x gitops.Delivery) []string {
	if x.Tool == gitops.Plain {
		return x.Files
	}
	return []string{x.Path}
}

// keyOf tells deliveries apart, those of one name in two clusters too.
func keyOf(by *unit, x gitops.Delivery) string {
	return fmt.Sprintf("%s\x00%s\x00%s\x00%s\x00%s\x00%s", by.at, by.cluster, x.By, x.Destination, x.Path, x.Namespace)
}

// installed is what the objects of a unit install, and what they may install besides.
func (d *deliveries) installed(u *unit) (found []gitops.Delivery, gaps []gitops.Gap) {
	if !slices.ContainsFunc(u.resources, func(r *model.Resource) bool { return isInstaller(r.Ref.GroupKind()) }) {
		return nil, nil
	}
	objects := gitops.New(d.in.fsys, nearest(u.at, append(u.referred(), d.referred...)))
	for _, r := range u.resources {
		if isInstaller(r.Ref.GroupKind()) {
			f, g := objects.Of(r)
			found, gaps = append(found, f...), append(gaps, g...)
		}
	}
	return found, gaps
}

// referred are the resources of the unit that objects which install may refer to.
func (u *unit) referred() []placed {
	var out []placed
	for _, r := range u.resources {
		if gk := r.Ref.GroupKind(); isInstaller(gk) || gk == model.KindConfigMap {
			out = append(out, placed{u.at, r})
		}
	}
	return out
}

// nearest keeps one of several resources with the same name, as each cluster of a
// repository has them: the one that lies nearest to a place. They are sorted.
func nearest(at string, all []placed) []*model.Resource {
	found := map[model.Ref]*model.Resource{}
	distance := map[model.Ref]int{}
	for _, p := range all {
		n := apart(at, p.at)
		if found[p.Ref] == nil || n < distance[p.Ref] {
			found[p.Ref], distance[p.Ref] = p.Resource, n
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *model.Resource) int { return a.Ref.Compare(b.Ref) })
}

// apart counts the folders between two files.
func apart(a, b string) int {
	x, y := strings.Split(path.Dir(a), "/"), strings.Split(path.Dir(b), "/")
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return len(x) + len(y) - 2*n
}

// follow adds a unit, and what its objects install.
func (d *deliveries) follow(ctx context.Context, u *unit, depth int) {
	d.out = append(d.out, u)
	found, gaps := d.installed(u)
	for _, g := range gaps {
		d.gap(u, g)
		for _, pattern := range g.Touched {
			d.touched = append(d.touched, touch{pattern, u, fmt.Sprintf("%s installs it in a way that is not known (%s)", g.By, g.Reason)})
		}
	}
	for _, x := range found {
		d.install(ctx, u, x, depth)
	}
}

// gap adds what an object installs and the input does not show.
func (d *deliveries) gap(u *unit, g gitops.Gap) {
	d.out = append(d.out, &unit{
		at: u.at, cluster: u.cluster, destination: cmp.Or(g.Destination, u.destination),
		opaque: []model.Opaque{manifest.Unforeseen(fmt.Sprintf("%s is not followed: %s", g.By, g.Reason))},
		notes:  []model.Note{{File: g.At.File, Message: g.By.Kind + " not followed: " + g.Reason}},
	})
}

// install adds what one delivery brings, unless the object lies in the folder that
// it installs, where it was found already.
func (d *deliveries) install(ctx context.Context, u *unit, x gitops.Delivery, depth int) {
	if d.done[keyOf(u, x)] || within(x.Path, u.at) {
		return
	}
	if depth >= maxDeliveryDepth || len(d.done) >= maxDeliveries {
		d.gap(u, gitops.Gap{By: x.By, At: x.At, Destination: x.Destination, Reason: "too much is installed through others"})
		return
	}
	d.done[keyOf(u, x)] = true
	for _, name := range targetsOf(x) {
		d.reached[name] = true
	}
	for _, made := range d.make(ctx, x) {
		// What two objects of one file install may contradict each other.
		made.at = path.Join(u.at, x.By.Name)
		made.cluster, made.destination = u.cluster, cmp.Or(x.Destination, u.destination)
		d.follow(ctx, made, depth+1)
	}
}

// make builds the folder of a delivery.
func (d *deliveries) make(ctx context.Context, x gitops.Delivery) []*unit {
	reader := d.reader.In(x.Namespace)
	tree := x.FS(d.in.fsys)
	switch x.Tool {
	case gitops.Helm:
		r := rendering{fsys: tree, dir: x.Path, reader: reader}
		o := helm.Options{Namespace: x.Namespace, Release: x.Chart.Release, Set: x.Chart.Set, SetString: x.Chart.SetString}
		for _, v := range x.Chart.Values {
			o.Values = append(o.Values, helm.Values{File: v.File, Text: v.Text, At: v.At})
		}
		out := r.render(ctx, o)
		d.in.remember(r.texts)
		return []*unit{out}
	case gitops.Kustomize:
		return []*unit{d.kustomize(x, kustomize.Build(tree, x.Path, reader))}
	default:
		return d.plain(x.Files, reader)
	}
}

// kustomize is what a kustomization builds that may have been laid over the tree.
func (d *deliveries) kustomize(x gitops.Delivery, r kustomize.Result) *unit {
	for name := range x.Overlay {
		delete(r.Texts, name) // they are not the texts of the tree
	}
	out := d.unit("", r)
	if r.Failed == nil {
		for _, name := range r.Used {
			d.used[name] = true
		}
	}
	l := d.laid(x)
	for _, res := range out.resources {
		res.Source = overlaid{Source: res.Source, laid: l}
	}
	for i := range out.problems {
		out.problems[i].At = l.written(out.problems[i].At)
	}
	for i := range out.notes {
		out.notes[i].File = l.written(model.Span{File: out.notes[i].File}).File
	}
	return out
}

// overlaid is the source of an object that was built with files which a controller
// lays over the tree.
type overlaid struct {
	model.Source
	laid laid
}

func (o overlaid) File() string { return o.Extent().File }

func (o overlaid) Locate(path model.Path, part model.Part) (model.Span, bool) {
	at, ok := o.Source.Locate(path, part)
	return o.laid.written(at), ok
}

func (o overlaid) Extent() model.Span { return o.laid.written(o.Source.Extent()) }

// plain reads manifests as they are.
func (d *deliveries) plain(files []string, reader *manifest.Reader) []*unit {
	var out []*unit
	for _, name := range files {
		text, err := d.in.text(name)
		if err != nil {
			d.in.unreadable(name, err)
			continue
		}
		documents, problems := manifest.Documents(&manifest.File{Name: name, Text: text})
		out = append(out, &unit{problems: problems})
		for _, doc := range documents {
			p := reader.Read(doc)
			out = append(out, &unit{resources: p.Resources, opaque: p.Opaque, problems: p.Problems, notes: p.Notes})
		}
	}
	return out
}
