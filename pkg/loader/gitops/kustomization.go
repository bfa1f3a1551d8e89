package gitops

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// kustomizationFile is the file that makes a folder a kustomization, or "".
func (o *Objects) kustomizationFile(dir string) string {
	for _, name := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
		if file := path.Join(dir, name); o.isFile(file) {
			return file
		}
	}
	return ""
}

// kustomization is the body of a kustomization that Argo CD and Flux change
// before they build it. They change the file itself: a prefix of theirs takes
// the place of the one that is there.
type kustomization map[string]any

func (o *Objects) readKustomization(file string) (kustomization, error) {
	text, err := fs.ReadFile(o.fsys, file)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read", file)
	}
	k := kustomization{}
	if err := yaml.Unmarshal(text, &k); err != nil {
		return nil, fmt.Errorf("%s is not valid YAML", file)
	}
	return k, nil
}

// overlay is the text of the changed kustomization.
func (k kustomization) overlay(file string) (map[string][]byte, error) {
	text, err := yaml.Marshal(map[string]any(k))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be changed", file)
	}
	return map[string][]byte{file: text}, nil
}

// put replaces a value, unless the new one is empty.
func (k kustomization) put(key, value string) {
	if value != "" {
		k[key] = value
	}
}

// add appends to a list.
func (k kustomization) add(key string, items ...any) error {
	if len(items) == 0 {
		return nil
	}
	list, ok := k[key].([]any)
	if k[key] != nil && !ok {
		return fmt.Errorf("%s of the kustomization is no list", key)
	}
	k[key] = append(list, items...)
	return nil
}

// addNamed appends to a list, or replaces the items that have the same name.
func (k kustomization) addNamed(key string, items ...map[string]any) error {
	list, ok := k[key].([]any)
	if k[key] != nil && !ok {
		return fmt.Errorf("%s of the kustomization is no list", key)
	}
	for _, item := range items {
		list = replaceNamed(list, item)
	}
	if len(items) > 0 {
		k[key] = list
	}
	return nil
}

func replaceNamed(list []any, item map[string]any) []any {
	for i, old := range list {
		if m, ok := old.(map[string]any); ok && m["name"] == item["name"] {
			list[i] = item
			return list
		}
	}
	return append(list, item)
}

// merge adds entries to a mapping. Without force an entry that is there is an
// error, as it is for kustomize edit.
func (k kustomization) merge(key string, entries map[string]string, force bool) error {
	if len(entries) == 0 {
		return nil
	}
	body, ok := k[key].(map[string]any)
	if k[key] != nil && !ok {
		return fmt.Errorf("%s of the kustomization is no mapping", key)
	}
	if body == nil {
		body = map[string]any{}
	}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if _, there := body[name]; there && !force {
			return fmt.Errorf("%s of the kustomization has %s already", key, name)
		}
		body[name] = entries[name]
	}
	k[key] = body
	return nil
}

// argoKustomize are the options of a kustomization:
// https://argo-cd.readthedocs.io/en/stable/user-guide/kustomize/
type argoKustomize struct {
	NamePrefix              string            `json:"namePrefix"`
	NameSuffix              string            `json:"nameSuffix"`
	Namespace               string            `json:"namespace"`
	Images                  []string          `json:"images"`
	Replicas                []replicas        `json:"replicas"`
	CommonLabels            map[string]string `json:"commonLabels"`
	ForceCommonLabels       bool              `json:"forceCommonLabels"`
	LabelWithoutSelector    bool              `json:"labelWithoutSelector"`
	LabelIncludeTemplates   bool              `json:"labelIncludeTemplates"`
	CommonAnnotations       map[string]string `json:"commonAnnotations"`
	ForceCommonAnnotations  bool              `json:"forceCommonAnnotations"`
	Patches                 []any             `json:"patches"`
	Components              []string          `json:"components"`
	IgnoreMissingComponents bool              `json:"ignoreMissingComponents"`
}

type replicas struct {
	Name string `json:"name"`
	// Count is a number, or a text that holds one.
	Count any `json:"count"`
}

// kustomized is the kustomization of a folder with the options in it.
func (a *application) kustomized(options *argoKustomize, dir string) (map[string][]byte, error) {
	if options == nil {
		return nil, nil
	}
	file := a.kustomizationFile(dir)
	k, err := a.readKustomization(file)
	if err != nil {
		return nil, err
	}
	k.put("namePrefix", options.NamePrefix)
	k.put("nameSuffix", options.NameSuffix)
	k.put("namespace", options.Namespace)
	counts, err := replicaItems(options.Replicas)
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		k.addNamed("images", imageItems(options.Images)...),
		k.addNamed("replicas", counts...),
		k.label(options),
		k.merge("commonAnnotations", options.CommonAnnotations, options.ForceCommonAnnotations),
		k.add("patches", options.Patches...),
		k.add("components", a.components(dir, options.Components, options.IgnoreMissingComponents)...),
	)
	if err != nil {
		return nil, err
	}
	return k.overlay(file)
}

// label adds labels where the options want them: by default to selectors and
// templates too.
func (k kustomization) label(options *argoKustomize) error {
	if !options.LabelWithoutSelector || len(options.CommonLabels) == 0 {
		return k.merge("commonLabels", options.CommonLabels, options.ForceCommonLabels)
	}
	return k.add("labels", map[string]any{"pairs": options.CommonLabels, "includeTemplates": options.LabelIncludeTemplates})
}

// components lists those that are to be used; one that is missing may be left
// out.
func (o *Objects) components(dir string, names []string, ignoreMissing bool) []any {
	var out []any
	for _, name := range names {
		isRemote := strings.Contains(name, "://")
		if ignoreMissing && !isRemote && !o.repo.isFolder(path.Join(dir, name)) {
			continue
		}
		out = append(out, name)
	}
	return out
}

func replicaItems(list []replicas) ([]map[string]any, error) {
	var out []map[string]any
	for _, r := range list {
		count, err := strconv.Atoi(fmt.Sprint(r.Count))
		if err != nil {
			return nil, fmt.Errorf("the replicas of %s are no number", r.Name)
		}
		out = append(out, map[string]any{"name": r.Name, "count": count})
	}
	return out, nil
}

// imageItems reads images as kustomize edit set image takes them:
// name=new:tag@digest, each part but the first optional.
func imageItems(images []string) []map[string]any {
	var out []map[string]any
	for _, text := range images {
		name, image, renamed := strings.Cut(text, "=")
		if !renamed {
			image = text
		}
		repo, digest, _ := strings.Cut(image, "@")
		tag := ""
		if i := strings.LastIndex(repo, ":"); i > strings.LastIndex(repo, "/") {
			repo, tag = repo[:i], repo[i+1:]
		}
		item := map[string]any{"name": repo}
		if renamed {
			item["name"] = name
			item["newName"] = repo
		}
		if tag != "" {
			item["newTag"] = tag
		}
		if digest != "" {
			item["digest"] = digest
		}
		out = append(out, item)
	}
	return out
}
