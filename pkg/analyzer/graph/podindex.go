package graph

import (
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// podIndex finds the workloads of one namespace by label.
type podIndex struct {
	all []*Workload
	// once guards what follows, which is built when it is first asked for.
	once    sync.Once
	byLabel map[[2]string][]*Workload
	// uncertain are the workloads whose labels are not fully known.
	uncertain []*Workload
}

func newPodIndex(workloads []*Workload) *podIndex {
	return &podIndex{all: workloads}
}

func (x *podIndex) build() {
	x.byLabel = map[[2]string][]*Workload{}
	for _, w := range x.all {
		if w.template == nil || w.labelsUnknown() {
			x.uncertain = append(x.uncertain, w)
			continue
		}
		for k, v := range w.template.Labels {
			if placeholder.In(v) {
				x.uncertain = append(x.uncertain, w)
			}
			x.byLabel[[2]string{k, v}] = append(x.byLabel[[2]string{k, v}], w)
		}
	}
}

// candidates returns a superset of the workloads that may match.
func (x *podIndex) candidates(s Selector) []*Workload {
	x.once.Do(x.build)
	if len(x.uncertain) > 0 {
		return x.all
	}
	for _, r := range s.requirements {
		if r.Operator == metav1.LabelSelectorOpIn && len(r.Values) == 1 && !placeholder.In(r.Values[0]) && !addedLabel(r.Key) {
			return x.byLabel[[2]string{r.Key, r.Values[0]}]
		}
	}
	return x.all
}

// selected returns the workloads that the selector selects for certain, and
// those of which it is not known.
func (x *podIndex) selected(s Selector) (yes, maybe []*Workload) {
	for _, w := range x.candidates(s) {
		switch w.Selected(s) {
		case model.Yes:
			yes = append(yes, w)
		case model.Unknown:
			maybe = append(maybe, w)
		case model.No:
		}
	}
	return yes, maybe
}

// Pods returns the workloads of a namespace whose pods the selector certainly
// selects, in the order of Ref. The Tri is Yes when these are all, as far as
// the namespace is known, Unknown when there may be more.
func (g *Graph) Pods(namespace string, selector *metav1.LabelSelector) ([]*Workload, model.Tri) {
	return g.pods(namespace, SelectorOf(selector))
}

// podIndex is the index of a namespace, which may be one that holds nothing.
func (g *Graph) podIndex(namespace string) *podIndex {
	if sh := g.shard(namespace); sh != nil {
		return sh.pods
	}
	return newPodIndex(nil)
}

// Matching returns the workloads of a namespace whose pods the selector selects
// for certain, and those of which it is not known.
func (g *Graph) Matching(namespace string, s Selector) (yes, maybe []*Workload) {
	return g.podIndex(namespace).selected(s)
}

func (g *Graph) pods(namespace string, s Selector) ([]*Workload, model.Tri) {
	return g.population(namespace).selected(s)
}

// choice is what a selector selects of a population, found when it is first asked for. The
// slice is shared.
type choice struct {
	population
	selected func() ([]*Workload, model.Tri)
}

// choose is the choice of an object, or what it chose before among the same pods.
func choose(p population, s Selector, before *choice) *choice {
	if before != nil && before.population == p {
		return before
	}
	return &choice{p, sync.OnceValues(func() ([]*Workload, model.Tri) { return p.selected(s) })}
}

// population are the pods of a namespace. Objects hold it and not the graph, which would
// stay with all that was found in it as long as one of them does.
type population struct {
	index *podIndex
	// isKnown is set when there are no others.
	isKnown bool
}

func (g *Graph) population(namespace string) population {
	return population{g.podIndex(namespace), g.snapshot.Knows(model.Workloads, namespace) != model.NotKnown}
}

// selected are the pods that a selector certainly selects, and whether these are all.
func (p population) selected(s Selector) ([]*Workload, model.Tri) {
	yes, maybe := p.index.selected(s)
	if len(maybe) > 0 || !p.isKnown {
		return yes, model.Unknown
	}
	return yes, model.Yes
}
