package gitops

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	yaml3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/pkg/model"
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

// kustomization is one that Argo CD and Flux change before they build it. They change
// the file itself: a prefix of theirs takes the place of the one that is there.
type kustomization struct {
	body map[string]any
	// written are the parts that come from the object.
	written []Written
}

// Written is a part of a changed kustomization that was written in the object.
type Written struct {
	// In leads to it in the kustomization, and At in the object.
	In, At model.Path
}

// item is what an option adds to a list, or to a mapping.
type item struct {
	value any
	at    model.Path
}

// itemsOf are the elements of an option that is a list.
func itemsOf[T any](list []T, at model.Path) []item {
	var out []item
	for i, value := range list {
		out = append(out, item{value, at.Child(strconv.Itoa(i))})
	}
	return out
}

func (o *Objects) readKustomization(file string) (*kustomization, error) {
	text, err := fs.ReadFile(o.fsys, file)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read", file)
	}
	k := &kustomization{body: map[string]any{}}
	if err := yaml.Unmarshal(text, &k.body); err != nil {
		return nil, fmt.Errorf("%s is not valid YAML", file)
	}
	return k, nil
}

// overlay is the text of the changed kustomization.
func (k *kustomization) overlay(file string) (map[string][]byte, error) {
	text, err := textOf(k.body)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be changed", file)
	}
	return map[string][]byte{file: text}, nil
}

// textOf writes YAML in which a line of a value stays a line, however long it is: by
// these a place in a patch is found again.
func textOf(body map[string]any) ([]byte, error) {
	text, err := json.Marshal(body) // with numbers as they are written
	if err != nil {
		return nil, err
	}
	var document yaml3.Node
	if err := yaml3.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	unstyle(&document)
	var out bytes.Buffer
	encoder := yaml3.NewEncoder(&out)
	encoder.SetIndent(2)
	encoder.CompactSeqIndent()
	err = errors.Join(encoder.Encode(&document), encoder.Close())
	return out.Bytes(), err
}

func unstyle(n *yaml3.Node) {
	n.Style = 0
	for _, child := range n.Content {
		unstyle(child)
	}
}

// wrote remembers where a part comes from.
func (k *kustomization) wrote(at model.Path, in ...string) {
	k.written = append(k.written, Written{In: in, At: at})
}

// put replaces a value, unless the new one is empty.
func (k *kustomization) put(key, value string, at model.Path) {
	if value != "" {
		k.body[key] = value
		k.wrote(at, key)
	}
}

// list is the value of a key that holds a list.
func (k *kustomization) list(key string) ([]any, error) {
	list, ok := k.body[key].([]any)
	if k.body[key] != nil && !ok {
		return nil, fmt.Errorf("%s of the kustomization is no list", key)
	}
	return list, nil
}

// add appends to a list.
func (k *kustomization) add(key string, items ...item) error {
	list, err := k.list(key)
	if err != nil || len(items) == 0 {
		return err
	}
	for _, i := range items {
		k.wrote(i.at, key, strconv.Itoa(len(list)))
		list = append(list, i.value)
	}
	k.body[key] = list
	return nil
}

// addNamed appends to a list, or replaces the items that have the same name.
func (k *kustomization) addNamed(key string, items ...item) error {
	list, err := k.list(key)
	if err != nil || len(items) == 0 {
		return err
	}
	for _, added := range items {
		i := slices.IndexFunc(list, func(old any) bool { return isNamed(old, nameOf(added.value)) })
		if i < 0 {
			i = len(list)
			list = append(list, nil)
		}
		list[i] = added.value
		k.wrote(added.at, key, strconv.Itoa(i))
	}
	k.body[key] = list
	return nil
}

func nameOf(value any) any {
	body, _ := value.(map[string]any)
	return body["name"]
}

func isNamed(value, name any) bool {
	body, ok := value.(map[string]any)
	return ok && body["name"] == name
}

// merge adds entries to a mapping. Without force an entry that is there is an
// error, as it is for kustomize edit.
func (k *kustomization) merge(key string, entries map[string]string, force bool, at model.Path) error {
	if len(entries) == 0 {
		return nil
	}
	body, ok := k.body[key].(map[string]any)
	if k.body[key] != nil && !ok {
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
		k.wrote(at.Child(name), key, name)
	}
	k.body[key] = body
	return nil
}

// addLabels adds labels to objects alone, or to templates too.
func (k *kustomization) addLabels(pairs map[string]string, options map[string]any, at model.Path) error {
	if len(pairs) == 0 {
		return nil
	}
	list, err := k.list("labels")
	if err != nil {
		return err
	}
	label := maps.Clone(options)
	label["pairs"] = pairs
	k.wrote(at, "labels", strconv.Itoa(len(list)), "pairs")
	k.body["labels"] = append(list, label)
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

// kustomized is the kustomization of a folder with the options in it, which lie at a
// path of the Application.
func (a *application) kustomized(options *argoKustomize, dir string, at model.Path) (map[string][]byte, []Written, error) {
	if options == nil {
		return nil, nil, nil
	}
	file := a.kustomizationFile(dir)
	k, err := a.readKustomization(file)
	if err != nil {
		return nil, nil, err
	}
	k.put("namePrefix", options.NamePrefix, at.Child("namePrefix"))
	k.put("nameSuffix", options.NameSuffix, at.Child("nameSuffix"))
	k.put("namespace", options.Namespace, at.Child("namespace"))
	counts, err := replicaItems(options.Replicas, at.Child("replicas"))
	if err != nil {
		return nil, nil, err
	}
	err = errors.Join(
		k.addNamed("images", imageItems(options.Images, at.Child("images"))...),
		k.addNamed("replicas", counts...),
		k.label(options, at.Child("commonLabels")),
		k.merge("commonAnnotations", options.CommonAnnotations, options.ForceCommonAnnotations, at.Child("commonAnnotations")),
		k.add("patches", itemsOf(options.Patches, at.Child("patches"))...),
		k.add("components", a.components(dir, itemsOf(options.Components, at.Child("components")), options.IgnoreMissingComponents)...),
	)
	if err != nil {
		return nil, nil, err
	}
	overlay, err := k.overlay(file)
	return overlay, k.written, err
}

// label adds labels where the options want them: by default to selectors and
// templates too.
func (k *kustomization) label(options *argoKustomize, at model.Path) error {
	if !options.LabelWithoutSelector {
		return k.merge("commonLabels", options.CommonLabels, options.ForceCommonLabels, at)
	}
	return k.addLabels(options.CommonLabels, map[string]any{"includeTemplates": options.LabelIncludeTemplates}, at)
}

// components lists those that are to be used; one that is missing may be left
// out.
func (o *Objects) components(dir string, items []item, ignoreMissing bool) []item {
	var out []item
	for _, i := range items {
		name := fmt.Sprint(i.value)
		isRemote := strings.Contains(name, "://")
		if ignoreMissing && !isRemote && !o.repo.isFolder(path.Join(dir, name)) {
			continue
		}
		out = append(out, i)
	}
	return out
}

func replicaItems(list []replicas, at model.Path) ([]item, error) {
	var out []item
	for i, r := range list {
		count, err := strconv.Atoi(fmt.Sprint(r.Count))
		if err != nil {
			return nil, fmt.Errorf("the replicas of %s are no number", r.Name)
		}
		out = append(out, item{map[string]any{"name": r.Name, "count": count}, at.Child(strconv.Itoa(i))})
	}
	return out, nil
}

// imageItems reads images as kustomize edit set image takes them:
// name=new:tag@digest, each part but the first optional.
func imageItems(images []string, at model.Path) []item {
	var out []item
	for i, text := range images {
		name, image, renamed := strings.Cut(text, "=")
		if !renamed {
			image = text
		}
		repo, digest, _ := strings.Cut(image, "@")
		tag := ""
		if colon := strings.LastIndex(repo, ":"); colon > strings.LastIndex(repo, "/") {
			repo, tag = repo[:colon], repo[colon+1:]
		}
		entry := map[string]any{"name": repo}
		if renamed {
			entry["name"] = name
			entry["newName"] = repo
		}
		if tag != "" {
			entry["newTag"] = tag
		}
		if digest != "" {
			entry["digest"] = digest
		}
		out = append(out, item{entry, at.Child(strconv.Itoa(i))})
	}
	return out
}
