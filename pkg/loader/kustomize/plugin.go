package kustomize

import (
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// plugins follows generators and transformers that objects configure. Those that are
// part of kustomize are written into the kustomization, with their file under a name
// that is safe; others are programs, which do not run.
// https://kubectl.docs.kubernetes.io/references/kustomize/builtins/
func (r *rewriting) plugins() *failure {
	r.out.Generators, r.out.Transformers = nil, r.first
	for i, entry := range r.level.body.Generators {
		texts, ok := r.configs(entry, "generators", i)
		if !ok {
			r.plan.leaveOut(r.level, "the generator "+headline(entry)+" is not run")
			continue
		}
		r.out.Generators = append(r.out.Generators, texts...)
	}
	for i, entry := range r.level.body.Transformers {
		texts, ok := r.configs(entry, "transformers", i)
		if !ok {
			return r.level.unread(r.entry("transformers", strconv.Itoa(i)), "the transformer "+headline(entry)+" is not run")
		}
		r.out.Transformers = append(r.out.Transformers, texts...)
	}
	if len(r.out.Validators) > 0 {
		// They change nothing.
		r.plan.note(r.level, "the validators are not run")
		r.out.Validators = nil
	}
	return nil
}

// headline is what names an entry that may be a text of many lines.
func headline(entry string) string {
	var body struct{ Kind string }
	if yaml.Unmarshal([]byte(entry), &body) == nil && body.Kind != "" {
		return body.Kind
	}
	line, _, _ := strings.Cut(strings.TrimSpace(entry), "\n")
	return line
}

// configs returns the objects of an entry, which may be inline or a file, as texts that
// are safe to hand to the library.
func (r *rewriting) configs(entry, field string, i int) ([]string, bool) {
	at := r.entry(field, strconv.Itoa(i))
	w := &writing{file: r.level.file, text: []byte(entry), scalar: &embedded{r.level.text, at}}
	if !isMapping(entry) {
		name, ok := resolve(r.level.dir, entry)
		if isRemote(entry) || !ok {
			return nil, false
		}
		text, err := r.plan.read(name)
		if err != nil {
			return nil, false
		}
		w = &writing{file: name, text: text}
	}
	documents, bad := w.documents()
	if bad != nil || len(documents) == 0 {
		return nil, false
	}
	var out []string
	for _, d := range documents {
		safe, ok := r.config(d, field)
		if !ok {
			return nil, false
		}
		out = append(out, safe)
	}
	if field == "transformers" {
		r.level.transformers = append(r.level.transformers, documents...)
	}
	return out, true
}

func (r *rewriting) config(d *document, field string) (string, bool) {
	var body map[string]any
	if yaml.Unmarshal(d.body, &body) != nil || body["apiVersion"] != "builtin" {
		return "", false
	}
	kind, _ := body["kind"].(string)
	if !slices.Contains(builtins(field), kind) || namesFiles(body) {
		return "", false
	}
	if entry, ok := body["path"].(string); ok {
		name, ok := resolve(r.level.dir, entry)
		text, err := r.plan.read(name)
		if isRemote(entry) || !ok || err != nil {
			return "", false
		}
		r.plan.served[absolute(name)] = text
		body["path"] = absolute(name)
	}
	text, err := yaml.Marshal(body)
	return string(text), err == nil
}

// builtins are the kinds that neither run a program nor make what nobody wrote.
func builtins(field string) []string {
	if field == "generators" {
		return []string{"ConfigMapGenerator", "SecretGenerator"}
	}
	return []string{
		"AnnotationsTransformer", "ImageTagTransformer", "LabelTransformer", "NamespaceTransformer", "PrefixTransformer",
		"SuffixTransformer", "ReplicaCountTransformer", "PatchTransformer", "PatchJson6902Transformer", "ReplacementTransformer",
	}
}

// namesFiles reports whether the configuration of a plugin names files otherwise than
// by its path. The library takes keys in any case.
func namesFiles(body map[string]any) bool {
	for key, value := range body {
		switch lower := strings.ToLower(key); lower {
		case "paths", "files", "envs", "env":
			return true
		case "path":
			if _, isText := value.(string); key != lower || !isText {
				return true
			}
		case "replacements":
			items, _ := value.([]any)
			if slices.ContainsFunc(items, hasPath) {
				return true
			}
		}
	}
	return false
}

func hasPath(item any) bool {
	body, _ := item.(map[string]any)
	for key := range body {
		if strings.EqualFold(key, "path") {
			return true
		}
	}
	return false
}
