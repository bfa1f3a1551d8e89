package loader

import (
	"slices"
	"strconv"

	"github.com/ekslint/ekslint/pkg/loader/tfkubernetes"
	"github.com/ekslint/ekslint/pkg/model"
)

// markChanged marks what the patches of Terraform may change. That they are for
// another cluster than the object is not looked at.
func (c *content) markChanged() {
	for _, p := range c.patches {
		for r := range c.resources() {
			markHidden(r, slices.Concat(p.Changes(r), addonChanges(p, r)))
		}
		for _, part := range c.awsOf(func(string) bool { return true }) {
			for _, a := range part.aws.Addons {
				if name, known := a.AddonName.Get(); known && changesAddon(p, name) {
					a.Configuration = model.Open[string](p.Address+" changes what it installs", a.At)
				}
			}
		}
	}
}

func markHidden(r *model.Resource, paths []model.Path) {
	for _, path := range paths {
		if !r.Hides(path...) {
			r.Unknown = append(r.Unknown, path)
		}
	}
	slices.SortFunc(r.Unknown, func(a, b model.Path) int { return slices.Compare(a, b) })
}

// changesAddon reports whether a patch may change the settings that an EKS add-on
// installs, which its configuration then no longer tells.
func changesAddon(p tfkubernetes.Patch, addon string) bool {
	switch addon {
	case "vpc-cni":
		return p.Names(model.Ref{Group: model.KindDaemonSet.Group, Kind: model.KindDaemonSet.Kind, Namespace: "kube-system", Name: "aws-node"})
	case "coredns":
		return p.Names(model.Ref{Kind: "ConfigMap", Namespace: "kube-system", Name: "coredns"})
	default:
		return false
	}
}

// addonChanges are the configurations of add-ons that eksctl installs.
func addonChanges(p tfkubernetes.Patch, r *model.Resource) []model.Path {
	config, ok := r.Object.(*model.ClusterConfig)
	if !ok {
		return nil
	}
	var out []model.Path
	for i, a := range config.Addons {
		if changesAddon(p, a.Name) {
			out = append(out, model.Path{"addons", strconv.Itoa(i), "configurationValues"})
		}
	}
	return out
}
