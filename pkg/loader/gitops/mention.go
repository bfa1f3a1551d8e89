package gitops

import (
	"path"
	"strings"

	"github.com/ekslint/ekslint/pkg/model"
)

// mentions lists the folders of repositories that the objects name, as far as
// they are written out.
func (o *Objects) mentions(resources []*model.Resource) []mention {
	var out []mention
	for _, res := range resources {
		if tree(res) == nil {
			continue
		}
		file := res.Locate(nil, model.PartValue).File
		for _, m := range o.mentionsOf(res) {
			if folder, err := inside(fixedFolder(m.folder)); err == nil && address(m.address) != "" {
				out = append(out, mention{m.address, folder, file})
			}
		}
	}
	return out
}

func (o *Objects) mentionsOf(res *model.Resource) []mention {
	switch res.Ref.GroupKind() {
	case model.GroupKind{Group: argoGroup, Kind: "Application"}, model.GroupKind{Group: argoGroup, Kind: "ApplicationSet"}:
		return argoMentions(tree(res))
	case model.GroupKind{Group: kustomizeGroup, Kind: "Kustomization"}:
		var k fluxKustomization
		if decode(res, model.Path{"spec"}, &k) == nil {
			return o.fluxMentions(k.SourceRef, k.Path, res.Ref.Namespace)
		}
	case model.GroupKind{Group: helmGroup, Kind: "HelmRelease"}:
		var h helmRelease
		if decode(res, model.Path{"spec"}, &h) != nil {
			return nil
		}
		if chart, namespace, err := o.helmChart(res, &h); err == nil {
			return o.fluxMentions(chart.SourceRef, chart.Chart, namespace)
		}
	}
	return nil
}

func (o *Objects) fluxMentions(ref reference, name, namespace string) []mention {
	repo, err := o.gitRepository(ref, namespace)
	if err != nil {
		return nil
	}
	return []mention{{address: repo.URL, folder: fluxPath(name)}}
}

// argoMentions finds the mappings that name a repository, wherever they are: the
// sources of Applications and templates, and the generators that look into git.
func argoMentions(value any) []mention {
	var out []mention
	eachMapping(value, func(body map[string]any) { out = append(out, sourceMentions(body)...) })
	return out
}

// eachMapping calls do for every mapping of a tree, as deep as objects are.
func eachMapping(value any, do func(map[string]any)) {
	const deepest = 32
	var visit func(value any, depth int)
	visit = func(value any, depth int) {
		if depth > deepest {
			return
		}
		switch v := value.(type) {
		case map[string]any:
			do(v)
			for _, child := range v {
				visit(child, depth+1)
			}
		case []any:
			for _, child := range v {
				visit(child, depth+1)
			}
		}
	}
	visit(value, 0)
}

func sourceMentions(body map[string]any) []mention {
	repo, _ := body["repoURL"].(string)
	if chart, _ := body["chart"].(string); repo == "" || chart != "" {
		return nil
	}
	var out []mention
	for _, name := range append(pathsOf([]any{body}), pathsOf(body["directories"])...) {
		out = append(out, mention{address: repo, folder: name})
	}
	for _, name := range pathsOf(body["files"]) {
		out = append(out, mention{address: repo, folder: path.Dir(name)})
	}
	return out
}

// pathsOf are the paths that the items of a list have.
func pathsOf(list any) []string {
	var out []string
	items, _ := list.([]any)
	for _, item := range items {
		m, _ := item.(map[string]any)
		if name, ok := m["path"].(string); ok {
			out = append(out, name)
		}
	}
	return out
}

// fixedFolder is the part of a path before its first pattern or template.
func fixedFolder(name string) string {
	i := strings.IndexAny(name, "*?[{")
	if i < 0 {
		return path.Join(".", name)
	}
	return path.Join(".", path.Dir(name[:i]+"x"))
}
