package networkpolicy

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
)

// workload names one: Deployment "web".
func workload(w *graph.Workload) string { return fmt.Sprintf("%s %q", w.Ref().Kind, w.Ref().Name) }

// andMore names the first of several workloads and counts the others.
func andMore(list []*graph.Workload) string {
	if n := len(list) - 1; n > 0 {
		return fmt.Sprintf("%s and %d more", workload(list[0]), n)
	}
	return workload(list[0])
}
