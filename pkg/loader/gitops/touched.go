package gitops

import (
	"path"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// touched are the folders that an object installs with options of its own, where it is
// not known to be from another repository. A part of a name that is not fixed is a star.
func (o *Objects) touched(res *model.Resource) []string {
	var out []string
	for _, m := range o.optionsOf(res) {
		root, ok := o.repo.mayHold(m.address, fixedFolder(m.folder), res.Locate(nil, model.PartValue).File)
		name, err := inside(starred(m.folder))
		if ok && err == nil && fixedFolder(m.folder) != "." {
			out = append(out, path.Join(root, name))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// optionsOf are the folders that an object names beside options which change what is
// made of them.
func (o *Objects) optionsOf(res *model.Resource) []mention {
	switch res.Ref.GroupKind() {
	case model.GroupKind{Group: argoGroup, Kind: "Application"}, model.GroupKind{Group: argoGroup, Kind: "ApplicationSet"}:
		var out []mention
		eachMapping(tree(res), func(body map[string]any) {
			patched, _ := body["kustomize"].(map[string]any)
			if hasAny(body, "helm", "plugin") || hasAny(patched, "patches", "components") {
				out = append(out, sourceMentions(body)...)
			}
		})
		return out
	case model.GroupKind{Group: kustomizeGroup, Kind: "Kustomization"}:
		spec, _ := valueAt(tree(res), model.Path{"spec"}).(map[string]any)
		if hasAny(spec, "patches", "patchesStrategicMerge", "patchesJson6902", "components") {
			return o.mentionsOf(res)
		}
	case model.GroupKind{Group: helmGroup, Kind: "HelmRelease"}:
		spec, _ := valueAt(tree(res), model.Path{"spec"}).(map[string]any)
		chart, _ := valueAt(tree(res), model.Path{"spec", "chart", "spec"}).(map[string]any)
		if hasAny(spec, "values", "valuesFrom", "postRenderers", "commonMetadata", "chartRef") || hasAny(chart, "valuesFiles", "valuesFile") {
			return o.mentionsOf(res)
		}
	}
	return nil
}

func hasAny(body map[string]any, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool {
		value, isMap := body[key].(map[string]any)
		return isMap && len(value) > 0 || !isMap && !isEmpty(body[key])
	})
}

// starred is a path in which each part that is a pattern or waits for a value is a star.
func starred(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		if strings.ContainsAny(p, "*?[{") || placeholder.In(p) {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}
