package helm

import (
	"slices"
	"strings"
	"sync"

	"helm.sh/helm/v4/pkg/chart/common"
	"k8s.io/client-go/kubernetes/scheme"
)

// kubeVersion is the version that templates see as that of the cluster: the one
// that this version of Helm assumes when it is not connected to any.
const kubeVersion = "v1.37.0"

// capabilities are what templates learn of a cluster that has nothing but Kubernetes.
func capabilities() (*common.Capabilities, error) {
	version, err := common.ParseKubeVersion(kubeVersion)
	if err != nil {
		return nil, err
	}
	out := common.DefaultCapabilities.Copy()
	out.KubeVersion, out.APIVersions = *version, served()
	return out, nil
}

// served are the API versions of Kubernetes, and the kinds in them, as Helm lists those of
// a cluster: apps/v1 and apps/v1/Deployment. Beta versions have to be enabled one by one,
// which EKS does not do: https://kubernetes.io/docs/reference/using-api/#api-versioning
var served = sync.OnceValue(func() common.VersionSet {
	var out common.VersionSet
	for _, gv := range scheme.Scheme.PrioritizedVersionsAllGroups() {
		if strings.Contains(gv.Version, "alpha") || strings.Contains(gv.Version, "beta") {
			continue
		}
		out = append(out, gv.String())
		types := scheme.Scheme.KnownTypes(gv)
		for kind := range types {
			// The others are parts of requests.
			if _, isListed := types[kind+"List"]; isListed {
				out = append(out, gv.String()+"/"+kind)
			}
		}
	}
	slices.Sort(out)
	return out
})

// cluster shows capabilities to templates. Which API versions a cluster has beside those
// of Kubernetes is left to chance.
type cluster struct {
	*common.Capabilities
	chance *chance
}

// APIVersions stands in for the field of this name. In the first turn the cluster has all
// that may be there, as charts may fail without what they need.
func (c *cluster) APIVersions() any {
	c.chance.asks++
	if c.chance.turn == 0 {
		return extended(c.Capabilities.APIVersions)
	}
	return c.Capabilities.APIVersions
}

// extended are the API versions of a cluster that has a definition of every kind that
// Kubernetes does not have.
type extended common.VersionSet

// Has reports whether the cluster has an API version, or a kind of one.
func (v extended) Has(version string) bool { return slices.Contains(v, version) || isForeign(version) }

// isForeign reports whether an API version may be in a cluster without being a part of
// Kubernetes. The group of a definition has a dot, and those of OpenShift are not in EKS.
func isForeign(version string) bool {
	group, _, _ := strings.Cut(version, "/")
	return strings.Contains(group, ".") && !strings.HasSuffix(group, ".openshift.io") && !scheme.Scheme.IsGroupRegistered(group)
}

// hasVersion lets the function has ask API versions as their method does.
func hasVersion(otherwise func(needle, list any) bool) func(needle, list any) bool {
	return func(needle, list any) bool {
		versions, isVersions := list.(extended)
		version, isText := needle.(string)
		return isVersions && isText && versions.Has(version) || otherwise(needle, list)
	}
}
