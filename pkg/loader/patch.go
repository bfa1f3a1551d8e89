package loader

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/pkg/model"
)

// change is what a patch does to the objects that it selects. The new values
// are not of interest: what a patch touches is unknown until it is applied.
type change struct {
	// kind and name select; nil selects all. name is nil also when the patch
	// names no object.
	kind, name *regexp.Regexp
	paths      []model.Path
}

// collect reads the patches of a kustomization, and notes which files it uses
// as something else than resources.
func (l *layout) collect(k *kustomization) {
	for _, p := range slices.Concat(mappings(k.body["patches"]), mappings(k.body["patchesJson6902"])) {
		target, _ := p["target"].(map[string]any)
		if text, ok := p["patch"].(string); ok {
			k.changes = append(k.changes, parsePatch([]byte(text), target)...)
		}
		l.collectFile(k, p["path"], target)
	}
	for _, entry := range texts(k.body["patchesStrategicMerge"]) {
		if isInline(entry) {
			k.changes = append(k.changes, parsePatch([]byte(entry), nil)...)
			continue
		}
		l.collectFile(k, entry, nil)
	}
	for _, r := range mappings(k.body["replicas"]) {
		if name, ok := r["name"].(string); ok {
			k.changes = append(k.changes, change{name: literal(name), paths: []model.Path{{"spec", "replicas"}}})
		}
	}
	for _, r := range mappings(k.body["replacements"]) {
		k.changes = append(k.changes, replacement(r)...)
		l.useReplacement(k, r["path"])
	}
	l.use(k)
}

func isInline(entry string) bool { return strings.ContainsAny(entry, "\n{:") }

// collectFile reads a patch that is a file of its own.
func (l *layout) collectFile(k *kustomization, entry any, target map[string]any) {
	text, ok := entry.(string)
	if !ok {
		return
	}
	name, ok := k.local(text)
	if !ok {
		return
	}
	k.files = append(k.files, name)
	if content, err := l.in.text(name); err == nil {
		k.changes = append(k.changes, parsePatch(content, target)...)
	}
}

func (l *layout) useReplacement(k *kustomization, entry any) {
	text, ok := entry.(string)
	if !ok {
		return
	}
	name, ok := k.local(text)
	if !ok {
		return
	}
	k.files = append(k.files, name)
	content, err := l.in.text(name)
	if err != nil {
		return
	}
	var body any
	_ = yaml.Unmarshal(content, &body) // a list, or one mapping
	for _, r := range mappings(append(asList(body), body)) {
		k.changes = append(k.changes, replacement(r)...)
	}
}

func asList(value any) []any {
	items, _ := value.([]any)
	return slices.Clone(items)
}

// use notes the files that configure the build.
func (l *layout) use(k *kustomization) {
	var entries []string
	for _, field := range []string{"transformers", "configurations", "generators", "validators"} {
		entries = append(entries, texts(k.body[field])...)
	}
	if openapi, ok := k.body["openapi"].(map[string]any); ok {
		entries = append(entries, texts([]any{openapi["path"]})...)
	}
	for _, field := range []string{"configMapGenerator", "secretGenerator"} {
		for _, g := range mappings(k.body[field]) {
			for _, file := range texts(g["files"]) {
				_, source, _ := strings.Cut(file, "=")
				entries = append(entries, cmp.Or(source, file))
			}
		}
	}
	for _, entry := range entries {
		if name, ok := k.local(entry); ok && !isInline(entry) {
			k.files = append(k.files, name)
		}
	}
}

// patchCount is the number of patches, in files or inline.
func (k *kustomization) patchCount() int {
	n := 0
	for _, field := range []string{"patches", "patchesJson6902", "patchesStrategicMerge"} {
		items, _ := k.body[field].([]any)
		n += len(items)
	}
	return n
}

// parsePatch reads a JSON 6902 patch, which needs a target, or the documents of
// a strategic merge patch, which name their objects unless there is a target.
func parsePatch(text []byte, target map[string]any) []change {
	var ops []map[string]any
	if yaml.Unmarshal(text, &ops) == nil {
		c, ok := selected(target)
		if !ok {
			return nil
		}
		for _, op := range ops {
			c.paths = append(c.paths, opPaths(op)...)
		}
		return []change{c}
	}
	var out []change
	for _, doc := range strings.Split("\n"+string(text), "\n---") {
		var body map[string]any
		if yaml.Unmarshal([]byte(doc), &body) != nil || body == nil {
			continue
		}
		c, ok := selected(target)
		if !ok {
			c = named(body)
		}
		c.paths = leaves(nil, withoutIdentity(body))
		out = append(out, c)
	}
	return out
}

// selected is the selection of a target, whose fields are anchored regular
// expressions. Selectors of labels are left out: unknown may be too much.
func selected(target map[string]any) (change, bool) {
	if len(target) == 0 {
		return change{}, false
	}
	kind, _ := target["kind"].(string)
	name, _ := target["name"].(string)
	return change{kind: anchored(kind), name: anchored(name)}, true
}

func named(body map[string]any) change {
	kind, _ := body["kind"].(string)
	metadata, _ := body["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	return change{kind: literal(kind), name: literal(name)}
}

func literal(text string) *regexp.Regexp { return anchored(regexp.QuoteMeta(text)) }

// anchored returns nil, which selects all, for an empty or a wrong expression.
func anchored(expr string) *regexp.Regexp {
	if expr == "" {
		return nil
	}
	re, err := regexp.Compile("^(?:" + expr + ")$")
	if err != nil {
		return nil
	}
	return re
}

// withoutIdentity leaves what a patch changes.
func withoutIdentity(body map[string]any) map[string]any {
	out := maps.Clone(body)
	delete(out, "apiVersion")
	delete(out, "kind")
	if metadata, ok := body["metadata"].(map[string]any); ok {
		rest := maps.Clone(metadata)
		delete(rest, "name")
		delete(rest, "namespace")
		out["metadata"] = rest
	}
	return out
}

// leaves lists the paths of the values of a strategic merge patch. A list
// counts as a whole, and so does a mapping with a directive such as
// "$patch: delete".
func leaves(at model.Path, body map[string]any) []model.Path {
	var out []model.Path
	for _, key := range slices.Sorted(maps.Keys(body)) {
		if strings.HasPrefix(key, "$") {
			return []model.Path{at.Child()}
		}
		child := at.Child(key)
		if m, ok := body[key].(map[string]any); ok {
			out = append(out, leaves(child, m)...)
			continue
		}
		out = append(out, child)
	}
	return out
}

// opPaths lists what an operation of a JSON 6902 patch changes. One that shifts
// the elements of a list changes the list.
func opPaths(op map[string]any) []model.Path {
	kind, _ := op["op"].(string)
	var out []model.Path
	for _, field := range []string{"path", "from"} {
		pointer, ok := op[field].(string)
		if !ok || kind == "test" {
			continue
		}
		p := parsePointer(pointer)
		if n := len(p); n > 0 && kind != "replace" && isElement(p[n-1]) {
			p = p[:n-1]
		}
		out = append(out, p)
	}
	return out
}

// parsePointer reads a JSON pointer: https://www.rfc-editor.org/rfc/rfc6901
func parsePointer(text string) model.Path {
	if text == "" || text == "/" {
		return nil
	}
	out := model.Path(strings.Split(strings.TrimPrefix(text, "/"), "/"))
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for i := range out {
		out[i] = unescape.Replace(out[i])
	}
	return out
}

func isElement(elem string) bool { return elem == "-" || strings.Trim(elem, "0123456789") == "" }

// replacement lists what a replacement writes. Paths end where they select
// within a list.
func replacement(r map[string]any) []change {
	var out []change
	for _, target := range mappings(r["targets"]) {
		selector, _ := target["select"].(map[string]any)
		c, ok := selected(selector)
		if !ok {
			c = change{}
		}
		for _, p := range texts(target["fieldPaths"]) {
			c.paths = append(c.paths, fieldPath(p))
		}
		out = append(out, c)
	}
	return out
}

func fieldPath(text string) model.Path {
	var out model.Path
	text = strings.ReplaceAll(text, `\.`, "\x00")
	for elem := range strings.SplitSeq(text, ".") {
		if elem == "*" || strings.HasPrefix(elem, "[") || isElement(elem) {
			break
		}
		out = append(out, strings.ReplaceAll(elem, "\x00", "."))
	}
	return out
}

// apply marks the values of the resource that the changes touch. When names are
// changed on the way, the kind alone selects.
func apply(changes []change, res *model.Resource, renames bool) {
	for _, c := range changes {
		if c.kind != nil && !c.kind.MatchString(res.Ref.Kind) {
			continue
		}
		if c.name != nil && !renames && !c.name.MatchString(res.Ref.Name) {
			continue
		}
		for _, p := range c.paths {
			if !slices.ContainsFunc(res.Unknown, func(u model.Path) bool { return slices.Equal(u, p) }) {
				res.Unknown = append(res.Unknown, p)
			}
		}
	}
	slices.SortFunc(res.Unknown, func(a, b model.Path) int { return slices.Compare(a, b) })
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
