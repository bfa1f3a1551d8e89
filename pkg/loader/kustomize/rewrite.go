package kustomize

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	emptyFile   = "/ekslint:empty"
	unknownFile = "/ekslint:unknown"
	// unknownText marks a value that is not known: see pkg/model/placeholder.
	unknownText = "${UNKNOWN}"
)

// rewriting turns one kustomization into the text that the library sees.
type rewriting struct {
	plan  *plan
	level *level
	out   types.Kustomization
	// first are transformers that come before those of the user.
	first []string
}

func (r *rewriting) run() *failure {
	steps := []func() *failure{
		r.objects, r.components, r.settings, r.patches, r.replacements, r.generators, r.plugins, r.charts, r.selectors,
	}
	for _, step := range steps {
		if bad := step(); bad != nil {
			return bad
		}
	}
	r.modernise()
	if len(r.first) > 0 && len(r.out.Images)+len(r.out.Replicas)+len(r.out.Replacements) > 0 {
		if bad := r.stage(); bad != nil {
			return bad
		}
	}
	return r.serve(r.level.dir, r.out)
}

// serve hands the library the kustomization of a folder.
func (r *rewriting) serve(dir string, k types.Kustomization) *failure {
	if k.CheckEmpty() != nil {
		k.MetaData = &types.ObjectMeta{} // what was left out left nothing, which is no mistake
	}
	text, err := json.Marshal(k)
	if err != nil {
		return r.level.failure(nil, err.Error())
	}
	r.plan.served[absolute(path.Join(dir, base(r.level.file)))] = text
	return nil
}

// stageFolder is where the first stage of a kustomization lies, below its folder.
const stageFolder = "ekslint:stage"

// stage cuts a kustomization in two. patchesJson6902 come before images, replicas and
// replacements, and transformers after all of them, so that these fields move to a
// kustomization around the first one.
func (r *rewriting) stage() *failure {
	inner, outer := r.out, types.Kustomization{TypeMeta: r.out.TypeMeta}
	outer.Images, outer.Replicas, outer.Replacements = inner.Images, inner.Replicas, inner.Replacements
	outer.Transformers = inner.Transformers[len(r.first):]
	outer.OpenAPI, outer.SortOptions, outer.BuildMetadata = inner.OpenAPI, inner.SortOptions, inner.BuildMetadata
	if inner.Kind == types.ComponentKind {
		outer.Components = []string{"./" + stageFolder}
	} else {
		outer.Resources = []string{"./" + stageFolder}
	}
	inner.Images, inner.Replicas, inner.Replacements, inner.SortOptions, inner.BuildMetadata = nil, nil, nil, nil, nil
	inner.Transformers = r.first
	inner.Resources, inner.Components = deeper(inner.Resources), deeper(inner.Components)
	r.out = outer
	return r.serve(path.Join(r.level.dir, stageFolder), inner)
}

// deeper turns entries for folders into those from a folder below.
func deeper(entries []string) []string {
	out := make([]string, len(entries))
	for i, entry := range entries {
		rest, isFolder := strings.CutPrefix(entry, "./")
		if isFolder {
			rest = "./../" + rest
		}
		out[i] = rest
	}
	return out
}

// entry finds what a field of the kustomization says.
func (r *rewriting) entry(path ...string) *syntax.Node { return r.level.tree.Find(path) }

// objects follows resources and bases.
func (r *rewriting) objects() *failure {
	r.out.Resources, r.out.Bases = nil, nil
	for i, entry := range r.level.body.Resources {
		if bad := r.object(entry, r.entry("resources", strconv.Itoa(i))); bad != nil {
			return bad
		}
	}
	for i, entry := range r.level.body.Bases {
		if bad := r.object(entry, r.entry("bases", strconv.Itoa(i))); bad != nil {
			return bad
		}
	}
	return nil
}

func (r *rewriting) object(entry string, at *syntax.Node) *failure {
	name, ok := r.local(entry)
	if !ok {
		return nil
	}
	if r.plan.isDir(name) {
		base, bad := r.follow(entry, name, at, isBase)
		if bad != nil {
			return bad
		}
		r.level.bases = append(r.level.bases, base)
		r.out.Resources = append(r.out.Resources, relativeFolder(r.level.dir, name))
		return nil
	}
	served, bad := r.plan.resource(name)
	if bad != nil {
		return r.blame(bad, entry, name, at)
	}
	r.level.resources = append(r.level.resources, name)
	r.out.Resources = append(r.out.Resources, served)
	return nil
}

// local resolves an entry that may hold objects. One that cannot be read is left out,
// and noted.
func (r *rewriting) local(entry string) (string, bool) {
	if isRemote(entry) {
		r.plan.leaveOut(r.level, "the remote base "+entry+" is not read")
		return "", false
	}
	name, ok := resolve(r.level.dir, entry)
	if !ok {
		r.plan.leaveOut(r.level, entry+" lies outside of what is read")
	}
	return name, ok
}

// blame lets the entry take the blame for a file that cannot be read; one that was read
// speaks for itself.
func (r *rewriting) blame(bad *failure, entry, name string, at *syntax.Node) *failure {
	if bad.at.File == name && bad.at.End == 0 {
		return r.level.failure(at, entry+" "+bad.message)
	}
	return bad
}

// follow reads the kustomization of a folder that an entry names.
func (r *rewriting) follow(entry, dir string, at *syntax.Node, as role) (*level, *failure) {
	if r.plan.closesCycle(dir) {
		return nil, r.level.failure(at, fmt.Sprintf("%s leads back to %s: a cycle", entry, title(dir)))
	}
	base, bad := r.plan.level(dir, as)
	if bad != nil {
		return nil, r.blame(bad, entry+":", dir, at)
	}
	r.level.visits += base.visits
	if r.level.visits > maxLevels {
		return nil, r.level.failure(at, fmt.Sprintf("the build visits more than %d kustomizations", maxLevels))
	}
	return base, nil
}

func (r *rewriting) components() *failure {
	r.out.Components = nil
	for i, entry := range r.level.body.Components {
		name, ok := r.local(entry)
		if !ok {
			continue
		}
		at := r.entry("components", strconv.Itoa(i))
		if !r.plan.isDir(name) {
			return r.level.failure(at, entry+" is not a folder")
		}
		component, bad := r.follow(entry, name, at, isComponent)
		if bad != nil {
			return bad
		}
		r.level.components = append(r.level.components, component)
		r.out.Components = append(r.out.Components, relativeFolder(r.level.dir, name))
	}
	return nil
}

// settings follows what configures the build.
func (r *rewriting) settings() *failure {
	r.out.Crds, r.out.Configurations = slices.Clone(r.out.Crds), slices.Clone(r.out.Configurations)
	for _, field := range []struct {
		name    string
		entries []string
	}{{"crds", r.out.Crds}, {"configurations", r.out.Configurations}} {
		for i, entry := range field.entries {
			served, bad := r.file(entry, field.name, strconv.Itoa(i))
			if bad != nil {
				return bad
			}
			field.entries[i] = served
		}
	}
	if entry, ok := r.out.OpenAPI["path"]; ok {
		served, bad := r.file(entry, "openapi", "path")
		if bad != nil {
			return bad
		}
		r.out.OpenAPI = map[string]string{"path": served}
	}
	return nil
}

// file follows an entry that has to be a file for the build to be right.
func (r *rewriting) file(entry string, at ...string) (string, *failure) {
	node := r.entry(at...)
	name, ok := resolve(r.level.dir, entry)
	if isRemote(entry) || !ok {
		return "", r.level.unread(node, at[0]+": "+entry+" is not read")
	}
	text, err := r.plan.read(name)
	if err != nil {
		return "", r.level.failure(node, at[0]+": "+entry+" "+reason(err))
	}
	r.plan.served[absolute(name)] = text
	return absolute(name), nil
}

// charts leaves out Helm charts: kustomize runs helm for them, which may fetch them.
func (r *rewriting) charts() *failure {
	if len(r.out.HelmCharts) > 0 || len(r.out.HelmChartInflationGenerator) > 0 {
		r.plan.leaveOut(r.level, "the Helm charts are not rendered")
	}
	r.out.HelmCharts, r.out.HelmChartInflationGenerator, r.out.HelmGlobals = nil, nil, nil
	return nil
}

// selectors refuses selectors that compare numbers. The library prints a warning where
// a label is none.
func (r *rewriting) selectors() *failure {
	for i, p := range r.out.Patches {
		if p.Target != nil && strings.ContainsAny(p.Target.LabelSelector+p.Target.AnnotationSelector, "<>") {
			return r.level.unread(r.entry("patches", strconv.Itoa(i)), "a target that compares labels as numbers is not resolved")
		}
	}
	return nil
}

// modernise moves deprecated fields to those that took their place, as `kustomize edit
// fix` does, since the library prints a warning for each. The order in which it applies
// them stays.
// https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
func (r *rewriting) modernise() {
	k := &r.out
	k.Images = append(k.Images, k.ImageTags...)
	k.ImageTags = nil
	if k.CommonLabels != nil {
		k.Labels = append(k.Labels, types.Label{Pairs: k.CommonLabels, IncludeSelectors: true})
		k.CommonLabels = nil
	}
	if len(r.plan.open) == 1 {
		return
	}
	// What is in the root decides: the library overwrites that of bases.
	k.BuildMetadata = nil
}

// nodeSpan is the span of a node of a file.
func nodeSpan(file string, n *syntax.Node) model.Span {
	return model.Span{File: file, Start: n.Start, End: n.End}
}

func base(name string) string { return path.Base(name) }
