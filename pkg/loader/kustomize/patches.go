package kustomize

import (
	"slices"
	"strconv"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
)

// patch is the text of one patch at its place.
type patch struct {
	target *types.Selector
	// file is the one that holds the text. An inline patch is a scalar of a
	// kustomization, whose node is at.
	file string
	text []byte
	at   *syntax.Node
}

func (r *rewriting) patches() *failure {
	r.out.Patches, r.out.PatchesStrategicMerge, r.out.PatchesJson6902 = nil, nil, nil
	for i, entry := range r.level.body.PatchesStrategicMerge {
		p := types.Patch{Path: string(entry)}
		at := []string{"patchesStrategicMerge", strconv.Itoa(i)}
		if isMapping(string(entry)) {
			p = types.Patch{Patch: string(entry)}
		}
		if bad := r.patch(&p, at, at); bad != nil {
			return bad
		}
		r.out.Patches = append(r.out.Patches, p)
	}
	for i, p := range slices.Clone(r.level.body.Patches) {
		at := []string{"patches", strconv.Itoa(i)}
		if bad := r.patch(&p, append(slices.Clone(at), "path"), append(at, "patch")); bad != nil {
			return bad
		}
		r.out.Patches = append(r.out.Patches, p)
	}
	return r.jsonPatches()
}

func isMapping(text string) bool {
	var body map[string]any
	return yaml.Unmarshal([]byte(text), &body) == nil && body != nil
}

// patch follows a patch, and remembers its text.
func (r *rewriting) patch(p *types.Patch, atPath, atText []string) *failure {
	if p.Path == "" {
		text := r.entry(atText...)
		r.level.patches = append(r.level.patches, patch{target: p.Target, file: r.level.file, text: []byte(p.Patch), at: text})
		return nil
	}
	entry := p.Path
	served, bad := r.file(entry, atPath...)
	if bad != nil {
		return bad
	}
	p.Path = served
	name := served[1:]
	text := r.plan.texts[name]
	if _, bad := r.plan.documents(name, text); bad != nil {
		return bad
	}
	r.level.patches = append(r.level.patches, patch{target: p.Target, file: name, text: text})
	return nil
}

// jsonPatches turns patchesJson6902 into transformers, which run where the field does:
// after prefixes and labels. Of the fields that come after it, the order would change.
func (r *rewriting) jsonPatches() *failure {
	k := r.level.body
	if len(k.PatchesJson6902) == 0 {
		return nil
	}
	if len(k.Images)+len(k.ImageTags)+len(k.Replicas)+len(k.Replacements) > 0 {
		return r.level.unread(r.level.tree.FindKey([]string{"patchesJson6902"}),
			"patchesJson6902 beside images, replicas or replacements are not built; patches would be")
	}
	for i, p := range k.PatchesJson6902 {
		at := []string{"patchesJson6902", strconv.Itoa(i)}
		if bad := r.patch(&p, append(slices.Clone(at), "path"), append(at, "patch")); bad != nil {
			return bad
		}
		text, bad := r.transformer("PatchJson6902Transformer", "json6902-"+strconv.Itoa(i), map[string]any{
			"target": p.Target, "path": p.Path, "jsonOp": p.Patch,
		})
		if bad != nil {
			return bad
		}
		r.first = append(r.first, text)
	}
	return nil
}

func (r *rewriting) transformer(kind, name string, body map[string]any) (string, *failure) {
	body["apiVersion"], body["kind"] = "builtin", kind
	body["metadata"] = map[string]any{"name": name}
	text, err := yaml.Marshal(body)
	if err != nil {
		return "", r.level.failure(nil, err.Error())
	}
	return string(text), nil
}

// replacements follows replacements that are files of their own.
func (r *rewriting) replacements() *failure {
	r.out.Replacements = slices.Clone(r.out.Replacements)
	for i, p := range r.out.Replacements {
		if p.Path == "" {
			continue
		}
		served, bad := r.file(p.Path, "replacements", strconv.Itoa(i), "path")
		if bad != nil {
			return bad
		}
		r.out.Replacements[i].Path = served
	}
	return nil
}
