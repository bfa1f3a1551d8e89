package kustomize

import (
	"slices"
	"strconv"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"
)

// patch is what one entry changes.
type patch struct {
	target    *types.Selector
	documents []*document
	// isLate is set for those of patchesJson6902, which come after the other fields.
	isLate bool
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

// patch follows a patch, and remembers its documents.
func (r *rewriting) patch(p *types.Patch, atPath, atText []string) *failure {
	w := &writing{file: r.level.file, text: []byte(p.Patch)}
	switch node := r.entry(atText...); {
	case p.Path != "":
		served, bad := r.file(p.Path, atPath...)
		if bad != nil {
			return bad
		}
		p.Path = served
		w.file = served[1:]
		w.text = r.plan.texts[w.file]
	case node != nil:
		w.scalar = &embedded{r.level.text, node}
	default:
		w.scalar = &embedded{r.level.text, r.level.tree}
	}
	documents, bad := w.documents()
	if bad != nil {
		return bad
	}
	r.level.patches = append(r.level.patches, patch{p.Target, documents, atText[0] == "patchesJson6902"})
	return nil
}

// jsonPatches turns patchesJson6902 into transformers, which run after prefixes and
// labels as the field does. See stage for the fields that come after it.
func (r *rewriting) jsonPatches() *failure {
	k := r.level.body
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
