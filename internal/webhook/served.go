package webhook

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"

	"github.com/ekslint/ekslint/pkg/model"
)

// Kind is a kind that the API server serves and that a rule looks at.
type Kind struct {
	schema.GroupVersionResource
	Kind         string
	IsNamespaced bool
}

func (k Kind) groupKind() model.GroupKind { return model.GroupKind{Group: k.Group, Kind: k.Kind} }

// served returns the kinds of an API server that are looked at, sorted. Of several
// versions it is the one that the server prefers, if that can be read.
func (o *Objects) served(server discovery.DiscoveryInterface) ([]Kind, error) {
	groups, lists, err := server.ServerGroupsAndResources()
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return nil, fmt.Errorf("which kinds there are: %w", err)
	}
	preferred := map[string]string{}
	for _, g := range groups {
		preferred[g.Name] = g.PreferredVersion.GroupVersion
	}
	found := map[schema.GroupKind]Kind{}
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			continue
		}
		for _, r := range list.APIResources {
			gk := schema.GroupKind{Group: gv.Group, Kind: r.Kind}
			_, known := found[gk]
			canWatch := slices.Contains(r.Verbs, "list") && slices.Contains(r.Verbs, "watch")
			if canWatch && o.reader.Keeps(list.GroupVersion, r.Kind) && (!known || preferred[gv.Group] == list.GroupVersion) {
				found[gk] = Kind{gv.WithResource(r.Name), r.Kind, r.Namespaced}
			}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b Kind) int {
		return slices.Compare([]string{a.Group, a.Resource}, []string{b.Group, b.Resource})
	}), nil
}
