package graph

import "strings"

// MayGetSidecar reports whether an admission webhook may add containers to the
// pods, so that ports may exist that no template shows. Webhooks are asked for
// by labels and annotations of the pods or of their namespace, such as
// istio-injection, linkerd.io/inject and sidecar.opentelemetry.io/inject:
// https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
func (g *Graph) MayGetSidecar(w *Workload) bool {
	maps := []map[string]string{w.Labels(), w.Annotations()}
	if ns := g.Namespace(w.Ref().Namespace); ns != nil && ns.resource != nil {
		maps = append(maps, ns.labels, ns.resource.Object.GetAnnotations())
	}
	for _, m := range maps {
		for key, value := range m {
			if asksForSidecar(key, value) {
				return true
			}
		}
	}
	return false
}

func asksForSidecar(key, value string) bool {
	if key == "istio.io/rev" {
		return true
	}
	if !strings.Contains(key, "inject") {
		return false
	}
	switch strings.ToLower(value) {
	case "false", "disabled", "no":
		return false
	default:
		return true
	}
}
