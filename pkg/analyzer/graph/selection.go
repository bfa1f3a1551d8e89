package graph

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// SelectionKind says what a selector of a policy selects.
type SelectionKind string

// The kinds of selections.
const (
	SelectSubjects   SelectionKind = "subjects"
	SelectPods       SelectionKind = "pods"
	SelectNamespaces SelectionKind = "namespaces"
)

// Selection is one selector of a policy and whether it selects anything.
type Selection struct {
	Kind SelectionKind `json:"kind"`
	// Path leads to the selector, At to the demand that Near is about, or to
	// the selector.
	Path model.Path `json:"path"`
	At   model.Path `json:"at"`
	// Matches is No only where everything that could match is known.
	Matches model.Tri `json:"matches"`
	// Near is the demand that fails for pods that meet all the others, or for
	// a namespace of that very name; empty when nothing comes near.
	Near *NearMiss `json:"near,omitempty"`
}

// Selections returns the selectors of a policy that ask for labels, in the
// order of the file. The slice is shared.
func (g *Graph) Selections(p *Policy) []Selection {
	return p.selections.at(g.moment, func() []Selection { return g.readSelections(p) })
}

func (g *Graph) readSelections(p *Policy) []Selection {
	out := []Selection{}
	own := g.Namespace(p.Ref().Namespace)
	if !p.selector.Empty() {
		s := Selection{Kind: SelectSubjects, Path: model.Path{"spec", "podSelector"}}
		s.Matches, s.Near = g.podMatches(p.selector, []*Namespace{own}, p.resource.IsUnknown("spec", "podSelector"))
		out = append(out, s.aimed(&p.spec.PodSelector))
	}
	for i, rule := range p.spec.Ingress {
		out = append(out, g.peerSelections(p, rule.From, model.Path{"spec", "ingress", strconv.Itoa(i), "from"})...)
	}
	for i, rule := range p.spec.Egress {
		out = append(out, g.peerSelections(p, rule.To, model.Path{"spec", "egress", strconv.Itoa(i), "to"})...)
	}
	return out
}

func (g *Graph) peerSelections(p *Policy, peers []networkingv1.NetworkPolicyPeer, at model.Path) []Selection {
	var out []Selection
	for n, peer := range peers {
		path := at.Child(strconv.Itoa(n))
		namespaces, certain := []*Namespace{g.Namespace(p.Ref().Namespace)}, model.Yes
		if peer.NamespaceSelector != nil {
			selector := SelectorOf(peer.NamespaceSelector)
			var s Selection
			namespaces, s = g.namespaceMatches(selector)
			certain = s.Matches
			s.Path = path.Child("namespaceSelector")
			if p.resource.IsUnknown(s.Path...) {
				s.Matches, certain = model.Unknown, model.Unknown
			}
			if !selector.Empty() {
				out = append(out, s.aimed(peer.NamespaceSelector))
			}
		}
		if selector := SelectorOf(peer.PodSelector); !selector.Empty() {
			s := Selection{Kind: SelectPods, Path: path.Child("podSelector")}
			unknown := certain != model.Yes || p.resource.IsUnknown(s.Path...)
			s.Matches, s.Near = g.podMatches(selector, namespaces, unknown)
			out = append(out, s.aimed(peer.PodSelector))
		}
	}
	return out
}

// aimed completes the selection with where in the selector it went wrong.
func (s Selection) aimed(selector *metav1.LabelSelector) Selection {
	s.At = s.Path
	if s.Near == nil {
		return s
	}
	if _, ok := selector.MatchLabels[s.Near.Key]; ok {
		s.At = s.Path.Child("matchLabels", s.Near.Key)
	}
	return s
}

// namespaceMatches returns the namespaces that the selector certainly selects.
// Matches is Yes only when the list is complete and not empty.
func (g *Graph) namespaceMatches(s Selector) ([]*Namespace, Selection) {
	out := Selection{Kind: SelectNamespaces, Matches: model.Unknown}
	shown := g.shown.of(s, g)
	complete := shown.complete && g.snapshot.Knows(model.Namespaces, "") == model.Declared
	hits := make([]*Namespace, 0, len(shown.names))
	for _, name := range shown.names {
		hits = append(hits, g.Namespace(name))
	}
	for _, ns := range g.builtinNamespaces() {
		// Whoever declares the input complete has given them no other label.
		if s.Matches(ns.labels) == model.Yes {
			hits = append(hits, ns)
		}
	}
	switch near := g.nameMiss(s); {
	case len(hits) > 0 && (complete || namesOne(s)):
		out.Matches = model.Yes
	case len(hits) == 0 && (complete || near != nil):
		out.Matches, out.Near = model.No, near
	}
	return hits, out
}

// builtinNamespaces are the namespaces that every cluster has and that the
// input does not show:
// https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces
func (g *Graph) builtinNamespaces() []*Namespace {
	var out []*Namespace
	for _, name := range []string{"default", "kube-system", "kube-public", "kube-node-lease"} {
		if g.Namespace(name) == nil {
			out = append(out, &Namespace{name: name, labels: map[string]string{corev1.LabelMetadataName: name}})
		}
	}
	return out
}

// namesOne reports whether the selector asks for one namespace by its
// automatic label, so that no further namespace can match.
func namesOne(s Selector) bool {
	return slices.ContainsFunc(s.requirements, func(r metav1.LabelSelectorRequirement) bool {
		return r.Key == "kubernetes.io/metadata.name" && r.Operator == metav1.LabelSelectorOpIn && len(r.Values) == 1
	})
}

// nameMiss finds a demand for a namespace by a label "name" that the namespace
// of that name does not have: a system namespace carries only
// kubernetes.io/metadata.name, and one whose object is in the input carries
// what stands there.
func (g *Graph) nameMiss(s Selector) *NearMiss {
	for _, r := range s.requirements {
		if r.Key != "name" || r.Operator != metav1.LabelSelectorOpIn || len(r.Values) != 1 {
			continue
		}
		name := r.Values[0]
		ns := g.Namespace(name)
		switch {
		case ns != nil && ns.LabelsKnown() && ns.labels["name"] != name:
		case (ns == nil || ns.resource == nil) && IsSystemNamespace(name):
		default:
			continue
		}
		return &NearMiss{Key: r.Key, Want: name, Ref: model.Ref{Kind: "Namespace", Name: name}}
	}
	return nil
}

// IsSystemNamespace reports whether Kubernetes or EKS makes the namespace and
// fills it with objects that no user writes.
func IsSystemNamespace(name string) bool {
	switch name {
	case "kube-system", "kube-public", "kube-node-lease":
		return true
	default:
		return strings.HasPrefix(name, "amazon-")
	}
}

// podMatches answers whether the selector selects pods of the namespaces.
func (g *Graph) podMatches(s Selector, namespaces []*Namespace, unknown bool) (model.Tri, *NearMiss) {
	answer := model.No
	if unknown || s.runtime() {
		answer = model.Unknown
	}
	var near *NearMiss
	for _, ns := range namespaces {
		if ns == nil {
			continue
		}
		yes, maybe := g.podIndex(ns.name).selected(s)
		switch {
		case len(yes) > 0:
			return model.Yes, nil
		case len(maybe) > 0, !g.knowsPods(ns.name):
			answer = model.Unknown
		}
		if near == nil {
			near = nearMiss(s, ns.Workloads)
		}
	}
	if answer != model.No {
		return answer, nil
	}
	return answer, near
}

// knowsPods: the add-ons of EKS run in system namespaces and stand in no
// manifest, whatever the input declares.
func (g *Graph) knowsPods(namespace string) bool {
	return g.snapshot.Knows(model.Workloads, namespace) != model.NotKnown && !IsSystemNamespace(namespace)
}

// operatorLabels are often set by operators on pods while they run, and stand in
// no template then. Those that Kubernetes itself adds are in addedLabel.
var operatorLabels = []string{
	"role", "cnpg.io/", "postgres-operator.crunchydata.com/", "strimzi.io/",
	"spilo-role", "redis-role", "vault-active", "vault-sealed", "operator.prometheus.io/",
}

// runtime reports whether the selector asks for a label that is, or may well be,
// set at run time.
func (s Selector) runtime() bool {
	return slices.ContainsFunc(s.requirements, func(r metav1.LabelSelectorRequirement) bool {
		return addedLabel(r.Key) || slices.ContainsFunc(operatorLabels, func(label string) bool {
			return r.Key == label || strings.HasSuffix(label, "/") && strings.HasPrefix(r.Key, label)
		})
	})
}

// AsksRuntimeLabel reports whether the Service selects by a label that is set
// on pods at run time, so that no template can show it.
func (s *Service) AsksRuntimeLabel() bool { return s.selector.runtime() }

// shownMatch are the namespaces of the input that a selector certainly selects. It is
// complete unless another may be selected, too.
type shownMatch struct {
	names    []string
	complete bool
}

// shownMatches remembers what selectors select, as policies of many namespaces ask for the
// same. It holds for all graphs that have the same namespaces.
type shownMatches struct {
	mu    sync.RWMutex
	known map[string]shownMatch
}

// mostMatches bounds what is remembered: beyond, it starts over.
const mostMatches = 10_000

func (m *shownMatches) of(s Selector, g *Graph) shownMatch {
	key := s.key()
	m.mu.RLock()
	out, ok := m.known[key]
	m.mu.RUnlock()
	if ok {
		return out
	}
	out.complete = true
	for _, o := range g.Objects("Namespace") {
		ns, _ := o.(*Namespace)
		switch ns.Selected(s) {
		case model.Yes:
			out.names = append(out.names, ns.name)
		case model.Unknown:
			out.complete = false
		case model.No:
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= mostMatches {
		m.known = map[string]shownMatch{}
	}
	m.known[key] = out
	return out
}
