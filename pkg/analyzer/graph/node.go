package graph

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// Nodes counts the nodes in the input and their cores.
func (g *Graph) Nodes() (nodes, cores int64) {
	for _, r := range g.snapshot.All(model.KindNode) {
		if node, ok := r.Object.(*corev1.Node); ok {
			nodes++
			cores += node.Status.Capacity.Cpu().Value()
		}
	}
	return nodes, cores
}
