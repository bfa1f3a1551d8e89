package graph

import (
	"slices"
	"strings"
)

// ServiceNamespaces are the namespaces of the Services that containers of the workload may
// name with a port, whether or not the Services are in the input, sorted. Those of
// Dependencies are among them.
func (w *Workload) ServiceNamespaces() []string {
	var out []string
	for _, d := range w.dials() {
		name := w.Ref().Namespace
		if labels := strings.SplitN(d.host, ".", 3); len(labels) > 1 {
			name = labels[1]
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
