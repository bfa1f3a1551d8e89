package cli

import (
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// engineFor compiles what a question needs: the namespaces of the workloads
// that its words name, or everything when a side is open.
func (a *asker) engineFor(words ...string) *reach.Engine {
	namespaces := map[string]bool{}
	for _, word := range words {
		switch object := a.object(word); {
		case word == "", word == wordCluster:
			return reach.New(a.graph)
		case object != nil:
			namespaces[object.Ref().Namespace] = true
		case word == wordDNS:
			for _, w := range append(a.graph.ClusterDNS(), a.graph.NodeLocalDNS()...) {
				namespaces[w.Ref().Namespace] = true
			}
		default:
			a.addNamespaces(word, namespaces)
		}
	}
	return reach.In(a.graph, func(name string) bool { return namespaces[name] })
}

func (a *asker) addNamespaces(word string, out map[string]bool) {
	matches, err := workloadMatcher(word)
	if err != nil {
		return // said when the endpoints are looked up
	}
	for _, o := range a.graph.Objects(graph.KindWorkload) {
		if w, ok := o.(*graph.Workload); ok && matches(w) {
			out[w.Ref().Namespace] = true
		}
	}
}
