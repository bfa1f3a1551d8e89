package reach

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/model"
)

// rule is one item of spec.ingress or spec.egress.
type rule struct {
	policy    *graph.Policy
	direction Direction
	index     int
	// peers are the numbers of what the rule admits from or to.
	peers []int32
	// ports is the number of the specification of its ports.
	ports int32
}

// path leads to the rule in the policy.
func (r *rule) path() model.Path {
	return model.Path{"spec", r.direction.String(), strconv.Itoa(r.index)}
}

// entry is a number with whether it applies for certain.
type entry struct {
	id      int32
	certain bool
}

// compiler gathers what the policies say about each endpoint.
type compiler struct {
	g         *graph.Graph
	endpoints []Endpoint
	byRef     map[model.Ref]int
	// assumed are workloads that the input does not show, all are the
	// namespaces of the input and of these.
	assumed []*graph.Workload
	all     []*graph.Namespace
	rules   []rule
	// portNames are the names that rules use, in the order of their first use.
	portNames  []string
	specIDs    map[string]int32
	specs      []portSpec
	tableIDs   map[string]int32
	tables     []int // an endpoint of each port table
	peerIDs    map[string]int32
	peers      [][]entry // endpoints of each peers
	outside    []outside // addresses of each peers
	namespaces map[string]namespaceMatch
	// isolated and subject say, by endpoint, what the policies of each
	// direction do to it.
	isolated [2][]model.Tri
	subject  [2][][]entry
}

func newCompiler(g *graph.Graph) *compiler {
	c := &compiler{
		g:          g,
		byRef:      map[model.Ref]int{},
		specIDs:    map[string]int32{},
		tableIDs:   map[string]int32{},
		peerIDs:    map[string]int32{},
		namespaces: map[string]namespaceMatch{},
	}
	for _, o := range g.Objects(graph.KindWorkload) {
		if w, ok := o.(*graph.Workload); ok {
			c.addWorkload(Endpoint{Workload: w})
		}
	}
	for _, o := range g.Objects("Namespace") {
		if ns, ok := o.(*graph.Namespace); ok {
			c.all = append(c.all, ns)
		}
	}
	if len(g.ClusterDNS()) == 0 {
		c.assume(graph.AssumedDNS())
	}
	for d := range c.isolated {
		c.isolated[d] = make([]model.Tri, len(c.endpoints))
		for i := range c.isolated[d] {
			c.isolated[d][i] = model.No
		}
		c.subject[d] = make([][]entry, len(c.endpoints))
	}
	return c
}

func (c *compiler) addWorkload(e Endpoint) {
	c.byRef[e.Workload.Ref()] = len(c.endpoints)
	c.endpoints = append(c.endpoints, e)
}

// assume adds a workload that the input does not show.
func (c *compiler) assume(w *graph.Workload) {
	c.assumed = append(c.assumed, w)
	c.addWorkload(Endpoint{Workload: w, Assumed: true})
	if namespace := w.Ref().Namespace; c.g.Namespace(namespace) == nil {
		c.all = append(c.all, graph.AssumedNamespace(namespace))
	}
}

// matching are the workloads of a namespace that a selector selects, those of
// which it is not known, and among both what is assumed to be there.
func (c *compiler) matching(namespace string, s graph.Selector) (yes, maybe []*graph.Workload) {
	yes, maybe = c.g.Matching(namespace, s)
	for _, w := range c.assumed {
		if w.Ref().Namespace != namespace {
			continue
		}
		switch w.Selected(s) {
		case model.Yes:
			yes = append(slices.Clip(yes), w)
		case model.Unknown:
			maybe = append(slices.Clip(maybe), w)
		case model.No:
		}
	}
	return yes, maybe
}

func (c *compiler) addPolicy(p *graph.Policy) {
	valid := model.TriOf(len(Invalid(p)) == 0)
	if valid == model.No {
		valid = model.Unknown // the API server refuses it, so what is in the cluster is something else
	}
	subjects := c.subjects(p)
	for _, d := range []Direction{Ingress, Egress} {
		isolates := p.Isolates(policyType(d)).And(valid)
		if isolates == model.No {
			continue
		}
		rules := c.addRules(p, d)
		for _, s := range subjects {
			certain := s.certain && isolates == model.Yes
			answer := model.Unknown
			if certain {
				answer = model.Yes
			}
			c.isolated[d][s.id] = c.isolated[d][s.id].Or(answer)
			for _, r := range rules {
				c.subject[d][s.id] = append(c.subject[d][s.id], entry{r, certain})
			}
		}
	}
}

func policyType(d Direction) networkingv1.PolicyType {
	if d == Egress {
		return networkingv1.PolicyTypeEgress
	}
	return networkingv1.PolicyTypeIngress
}

// subjects are the endpoints that a policy may select. Pods on the node's
// network are not subject to policy.
func (c *compiler) subjects(p *graph.Policy) []entry {
	namespace := p.Ref().Namespace
	if p.Resource().IsUnknown("spec", "podSelector") {
		return c.entries(nil, slices.Concat(c.matching(namespace, graph.Selector{})))
	}
	return c.entries(c.matching(namespace, graph.SelectorOf(&p.Spec().PodSelector)))
}

func (c *compiler) entries(yes, maybe []*graph.Workload) []entry {
	var out []entry
	add := func(list []*graph.Workload, certain bool) {
		for _, w := range list {
			if !w.HostNetwork() {
				out = append(out, entry{c.number(w), certain})
			}
		}
	}
	add(yes, true)
	add(maybe, false)
	return out
}

func (c *compiler) number(w *graph.Workload) int32 {
	return int32(c.byRef[w.Ref()]) //nolint:gosec // endpoints are far fewer than 2^31
}

// item is an element of spec.ingress or spec.egress.
type item struct {
	peers []networkingv1.NetworkPolicyPeer
	ports []networkingv1.NetworkPolicyPort
}

func items(p *graph.Policy, d Direction) []item {
	var out []item
	if d == Ingress {
		for _, r := range p.Spec().Ingress {
			out = append(out, item{r.From, r.Ports})
		}
		return out
	}
	for _, r := range p.Spec().Egress {
		out = append(out, item{r.To, r.Ports})
	}
	return out
}

// addRules compiles the rules of one direction and returns their numbers. When
// the input does not show them, one rule may admit anything.
func (c *compiler) addRules(p *graph.Policy, d Direction) []int32 {
	var out []int32
	add := func(r rule) {
		out = append(out, int32(len(c.rules))) //nolint:gosec // rules are far fewer than 2^31
		c.rules = append(c.rules, r)
	}
	list := items(p, d)
	for i, item := range list {
		r := rule{policy: p, direction: d, index: i}
		r.peers = c.rulePeers(&r, item.peers)
		r.ports = c.internSpec(c.portSpec(&r, item.ports))
		add(r)
	}
	if covered(p.Resource(), model.Path{"spec", d.String()}) {
		unknown := c.internSpec(portSpec{unknown: true})
		add(rule{policy: p, direction: d, index: len(list), peers: []int32{c.anything(false)}, ports: unknown})
	}
	return out
}

// covered reports whether the whole value at path is unknown, and not only
// something below it.
func covered(r *model.Resource, path model.Path) bool {
	return slices.ContainsFunc(r.Unknown, func(u model.Path) bool { return u.Covers(path) })
}

// rulePeers compiles the peers of a rule: no peers are all peers.
func (c *compiler) rulePeers(r *rule, peers []networkingv1.NetworkPolicyPeer) []int32 {
	at := r.path().Child(peerField(r.direction))
	if covered(r.policy.Resource(), at) {
		return []int32{c.anything(false)}
	}
	if len(peers) == 0 {
		return []int32{c.anything(true)}
	}
	var out []int32
	for i, peer := range peers {
		if r.policy.Resource().IsUnknown(at.Child(strconv.Itoa(i))...) {
			out = append(out, c.anything(false))
			continue
		}
		if id, ok := c.peer(r.policy.Ref().Namespace, peer); ok && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func peerField(d Direction) string {
	if d == Egress {
		return "to"
	}
	return "from"
}

// intern gives equal peers one number. build makes what is new: its endpoints
// inside the cluster and its addresses outside.
func (c *compiler) intern(key string, build func() ([]entry, outside)) int32 {
	id, ok := c.peerIDs[key]
	if !ok {
		id = int32(len(c.peers)) //nolint:gosec // distinct peers are far fewer than 2^31
		c.peerIDs[key] = id
		members, addresses := build()
		c.peers = append(c.peers, members)
		c.outside = append(c.outside, addresses)
	}
	return id
}

// anything are all endpoints: named for certain, or perhaps.
func (c *compiler) anything(certain bool) int32 {
	return c.intern(fmt.Sprintf("anything %v", certain), func() ([]entry, outside) {
		out := make([]entry, len(c.endpoints))
		for i := range c.endpoints {
			out[i] = entry{int32(i), certain} //nolint:gosec // endpoints are far fewer than 2^31
		}
		return out, outside{everywhere: true, certain: certain}
	})
}

// peer compiles one peer. A peer that names nothing, which the API server
// refuses, matches nothing.
func (c *compiler) peer(own string, peer networkingv1.NetworkPolicyPeer) (int32, bool) {
	switch {
	case peer.IPBlock != nil:
		return c.ipBlock(peer.IPBlock)
	case peer.NamespaceSelector != nil:
		namespaces, pods := graph.SelectorOf(peer.NamespaceSelector), graph.SelectorOf(peer.PodSelector)
		key := "namespaces " + selectorKey(namespaces) + " pods " + selectorKey(pods)
		return c.intern(key, func() ([]entry, outside) { return c.selected(c.matchNamespaces(namespaces), pods), outside{} }), true
	case peer.PodSelector != nil:
		pods := graph.SelectorOf(peer.PodSelector)
		key := "own " + strconv.Quote(own) + " pods " + selectorKey(pods)
		return c.intern(key, func() ([]entry, outside) { return c.entries(c.matching(own, pods)), outside{} }), true
	default:
		return 0, false
	}
}

// selectorKey writes a selector so that different ones differ.
func selectorKey(s graph.Selector) string {
	var out strings.Builder
	for _, r := range s.Requirements() {
		values := r.Values
		if r.Operator == metav1.LabelSelectorOpIn || r.Operator == metav1.LabelSelectorOpNotIn {
			values = slices.Sorted(slices.Values(values))
		}
		fmt.Fprintf(&out, "%q %s %q;", r.Key, r.Operator, values)
	}
	return out.String()
}

// namespaceMatch holds the namespaces that a selector selects.
type namespaceMatch struct{ yes, maybe []string }

func (c *compiler) matchNamespaces(s graph.Selector) namespaceMatch {
	key := selectorKey(s)
	out, ok := c.namespaces[key]
	if ok {
		return out
	}
	for _, ns := range c.all {
		switch ns.Selected(s) {
		case model.Yes:
			out.yes = append(out.yes, ns.Name())
		case model.Unknown:
			out.maybe = append(out.maybe, ns.Name())
		case model.No:
		}
	}
	c.namespaces[key] = out
	return out
}

func (c *compiler) selected(in namespaceMatch, pods graph.Selector) []entry {
	var out []entry
	for _, name := range in.yes {
		out = append(out, c.entries(c.matching(name, pods))...)
	}
	for _, name := range in.maybe {
		yes, maybe := c.matching(name, pods)
		out = append(out, c.entries(nil, slices.Concat(yes, maybe))...)
	}
	return out
}
