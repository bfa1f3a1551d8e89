package graph

import (
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Facts returns what the graph derived for the object of that reference, as a
// value that encoding/json can write: one of the …Facts types of this package.
// It is nil for objects without facts. Three-valued answers are the words
// "yes", "no" and "unknown".
func (g *Graph) Facts(ref model.Ref) any {
	switch o := g.Lookup(ref).(type) {
	case *Ingress:
		return g.ingressFacts(o)
	case *IngressGroup:
		return g.groupFacts(o)
	case *Class:
		return g.classFacts(o)
	case *Service:
		return g.serviceFacts(o)
	case *Workload:
		return g.workloadFacts(o)
	case *Policy:
		return g.policyFacts(o)
	case *Namespace:
		return g.namespaceFacts(o)
	default:
		return nil
	}
}

// IngressFacts is what Facts returns for an Ingress.
type IngressFacts struct {
	// Manager is lbc, auto-mode, other, none or unknown.
	Manager      Manager `json:"manager"`
	Assumed      bool    `json:"assumed"`
	ByAnnotation bool    `json:"by_annotation"`
	// Class is the IngressClass in the input; absent when it is not there.
	Class *model.Ref `json:"class,omitempty"`
	// Group is the reference of its IngressGroup, for facts and messages.
	Group *model.Ref `json:"group,omitempty"`
	// Controller is what the input shows of the controller.
	Controller ControllerFacts `json:"controller"`
	// Settings maps an annotation suffix to its effective value. It holds every
	// setting that is written, and scheme, target-type and ssl-redirect always.
	Settings       map[string]Setting `json:"settings"`
	Listeners      []Listener         `json:"listeners"`
	ListenersKnown bool               `json:"listeners_known"`
	// Certificate is "no" when the Ingress has no source of a certificate.
	Certificate model.Tri      `json:"certificate"`
	Backends    []BackendFacts `json:"backends"`
	Annotations []Annotation   `json:"annotations"`
	// NamespaceAllowed is "no" when the IngressClassParams refuse the namespace.
	NamespaceAllowed model.Tri `json:"namespace_allowed"`
}

// ControllerFacts is what the input shows of the AWS Load Balancer Controller.
type ControllerFacts struct {
	// Flags are its arguments; empty when its Deployment is not in the input.
	Flags map[string]string `json:"flags"`
	// Newer is set when it is a later release than the annotations known here.
	Newer bool `json:"newer"`
}

// BackendFacts is one backend of an Ingress.
type BackendFacts struct {
	Path     model.Path  `json:"path"`
	RulePath model.Path  `json:"rule_path,omitempty"`
	Kind     BackendKind `json:"kind"`
	Name     string      `json:"name"`
	Host     string      `json:"host"`
	HTTPPath string      `json:"http_path"`
	PathType string      `json:"path_type"`
	// HasAction is "no" when the annotation of the action is missing; for
	// other backends it is "unknown". ActionType is forward, redirect or
	// fixed-response, empty when the action cannot be read.
	HasAction  model.Tri `json:"has_action"`
	ActionType string    `json:"action_type"`
	// Built is "no" when the controller makes no rule of the backend.
	Built model.Tri `json:"built"`
	// HostCondition is set when a condition narrows the backend by host.
	HostCondition bool          `json:"host_condition"`
	Targets       []TargetFacts `json:"targets"`
}

// TargetFacts is one Service and port that a backend forwards to.
type TargetFacts struct {
	Path model.Path `json:"path"`
	Name string     `json:"name"`
	// Number or PortName is the port that the Ingress asks for.
	Number     int32     `json:"number,omitempty"`
	PortName   string    `json:"port_name,omitempty"`
	Exists     model.Tri `json:"exists"`
	PortExists model.Tri `json:"port_exists"`
	// NodePort is "no" when the port can have no instance target.
	NodePort    model.Tri  `json:"node_port"`
	Service     *model.Ref `json:"service,omitempty"`
	ServiceType string     `json:"service_type,omitempty"`
	TargetType  Setting    `json:"target_type"`
	Similar     string     `json:"similar,omitempty"`
	Single      bool       `json:"single"`
}

func (g *Graph) ingressFacts(i *Ingress) IngressFacts {
	out := IngressFacts{
		Manager: i.Manager, Assumed: i.Assumed, ByAnnotation: i.ByAnnotation,
		Controller: ControllerFacts{Flags: g.controller.Flags, Newer: g.controller.Newer},
		Settings:   map[string]Setting{},
		Listeners:  i.Listeners, ListenersKnown: i.ListenersKnown,
		Certificate: g.certificate(i),
		Backends:    []BackendFacts{}, Annotations: g.Annotations(i),
		NamespaceAllowed: g.namespaceAllowed(i),
	}
	if out.Listeners == nil {
		out.Listeners = []Listener{}
	}
	if i.Class != nil {
		out.Class = refOf(i.Class)
	}
	if i.Group != nil {
		out.Group = refOf(i.Group)
	}
	for _, a := range out.Annotations {
		out.Settings[a.Suffix] = g.Setting(i, a.Suffix)
	}
	for suffix := range paramsFields {
		if s, ok := i.paramsSetting(suffix); ok {
			out.Settings[suffix] = s
		}
	}
	for _, suffix := range []string{"scheme", "target-type", "ssl-redirect"} {
		out.Settings[suffix] = g.Setting(i, suffix)
	}
	for _, b := range i.Backends {
		out.Backends = append(out.Backends, i.backendFacts(b))
	}
	return out
}

func refOf(o Object) *model.Ref {
	ref := o.Ref()
	return &ref
}

func (i *Ingress) backendFacts(b *Backend) BackendFacts {
	out := BackendFacts{
		Path: b.Path, RulePath: b.RulePath, Kind: b.Kind, Name: b.Name,
		Host: b.Host, HTTPPath: b.HTTPPath, PathType: string(b.PathType),
		HasAction: b.HasAction, Built: b.Built, Targets: []TargetFacts{},
		HostCondition: i.hasHostCondition(b.Name),
	}
	if b.Action != nil {
		out.ActionType = b.Action.Type
	}
	for _, t := range b.Targets {
		f := TargetFacts{
			Path: t.Path, Name: t.Name, Number: t.Number, PortName: t.PortName,
			Exists: t.Exists, PortExists: t.PortExists, TargetType: t.TargetType,
			Similar: t.Similar, Single: t.Single,
		}
		if t.Service != nil {
			f.Service, f.ServiceType = refOf(t.Service), string(t.Service.Type())
		}
		if t.PortExists == model.Yes {
			f.NodePort = t.Service.NodePort(t.PortIndex)
		}
		out.Targets = append(out.Targets, f)
	}
	return out
}

// hasHostCondition reports whether the conditions of the backend name a host.
// Conditions that cannot be read may.
func (i *Ingress) hasHostCondition(name string) bool {
	s := i.Annotation("conditions." + name)
	if !s.Known {
		return true
	}
	if s.Value == nil {
		return false
	}
	conditions, issues := lbc.ParseConditions(*s.Value)
	if lbc.Refused(issues) {
		return true
	}
	for _, c := range conditions {
		if c.Field == "host-header" {
			return true
		}
	}
	return false
}

// namespaceAllowed follows the namespaceSelector of IngressClassParams
// (pkg/ingress/class_loader.go of the controller).
func (g *Graph) namespaceAllowed(i *Ingress) model.Tri {
	spec := i.Class.paramsSpec()
	ns := g.Namespace(i.Ref().Namespace)
	if spec == nil || spec.NamespaceSelector == nil || i.Class.params.IsUnknown("spec", "namespaceSelector") {
		return model.Unknown
	}
	return ns.Selected(SelectorOf(spec.NamespaceSelector))
}

// GroupFacts is what Facts returns for an IngressGroup.
type GroupFacts struct {
	Name     string      `json:"name"`
	Explicit bool        `json:"explicit"`
	Members  []model.Ref `json:"members"`
	Ports    []PortFacts `json:"ports"`
	// PortsKnown is unset when the listeners of a member are not known.
	PortsKnown bool    `json:"ports_known"`
	Redirect   Setting `json:"redirect"`
	// Redirects is "yes" when Redirect names an HTTPS listener of the group.
	Redirects model.Tri       `json:"redirects"`
	Conflicts []ConflictFacts `json:"conflicts"`
	Shadowed  []ShadowFacts   `json:"shadowed"`
}

// PortFacts is one listener of a group.
type PortFacts struct {
	Port        int         `json:"port"`
	HTTP        []model.Ref `json:"http"`
	HTTPS       []model.Ref `json:"https"`
	Certificate model.Tri   `json:"certificate"`
	Plain       []RuleFacts `json:"plain"`
}

// RuleFacts points at a backend of a member.
type RuleFacts struct {
	Ref  model.Ref  `json:"ref"`
	Path model.Path `json:"path"`
	Host string     `json:"host"`
	// HTTPPath is the path as written.
	HTTPPath string `json:"http_path"`
}

// ConflictFacts is a setting in which two members contradict each other.
type ConflictFacts struct {
	Item   string      `json:"item"`
	Detail string      `json:"detail"`
	First  MemberFacts `json:"first"`
	Other  MemberFacts `json:"other"`
}

// MemberFacts is a setting as one member fixes it.
type MemberFacts struct {
	Ref     model.Ref `json:"ref"`
	Setting Setting   `json:"setting"`
}

// ShadowFacts is a rule that never matches, and the one that matches instead.
type ShadowFacts struct {
	Rule RuleFacts `json:"rule"`
	By   RuleFacts `json:"by"`
}

func (g *Graph) groupFacts(group *IngressGroup) GroupFacts {
	out := GroupFacts{
		Name: group.name, Explicit: group.Explicit, Members: refs(group.Members),
		Ports: []PortFacts{}, PortsKnown: group.PortsKnown,
		Redirect: group.Redirect, Redirects: group.Redirects,
		Conflicts: []ConflictFacts{}, Shadowed: []ShadowFacts{},
	}
	for _, p := range group.Ports {
		f := PortFacts{Port: p.Port, HTTP: refs(p.HTTP), HTTPS: refs(p.HTTPS), Certificate: p.Certificate, Plain: []RuleFacts{}}
		for _, r := range p.Plain {
			f.Plain = append(f.Plain, ruleFacts(r))
		}
		out.Ports = append(out.Ports, f)
	}
	for _, c := range group.Conflicts {
		out.Conflicts = append(out.Conflicts, ConflictFacts{
			Item: c.Item, Detail: c.Detail,
			First: MemberFacts{Ref: c.First.Ingress.Ref(), Setting: c.First.Setting},
			Other: MemberFacts{Ref: c.Other.Ingress.Ref(), Setting: c.Other.Setting},
		})
	}
	for _, s := range group.Shadowed {
		out.Shadowed = append(out.Shadowed, ShadowFacts{Rule: ruleFacts(s.Rule), By: ruleFacts(s.By)})
	}
	return out
}

func ruleFacts(r Rule) RuleFacts {
	return RuleFacts{Ref: r.Ingress.Ref(), Path: r.Backend.Path, Host: r.Backend.Host, HTTPPath: r.Backend.HTTPPath}
}

func refs[T Object](objects []T) []model.Ref {
	out := make([]model.Ref, 0, len(objects))
	for _, o := range objects {
		out = append(out, o.Ref())
	}
	return out
}

// ClassFacts is what Facts returns for an IngressClass.
type ClassFacts struct {
	Manager Manager `json:"manager"`
	Default bool    `json:"default"`
	// HasParams is "unknown" when parameters are named that are not in the input.
	HasParams model.Tri  `json:"has_params"`
	Params    *model.Ref `json:"params,omitempty"`
	// Defaults are all default classes of the cluster.
	Defaults []model.Ref `json:"defaults"`
	// Classless are the Ingresses that name no class and so take the default.
	Classless []model.Ref `json:"classless"`
}

func (g *Graph) classFacts(c *Class) ClassFacts {
	out := ClassFacts{Manager: c.Manager(), Default: c.Default, HasParams: c.HasParams, Defaults: refs(g.defaultClasses()), Classless: []model.Ref{}}
	if c.params != nil {
		ref := c.params.Ref
		out.Params = &ref
	}
	for _, o := range g.Objects("Ingress") {
		if i, ok := o.(*Ingress); ok && i.classless() {
			out.Classless = append(out.Classless, i.Ref())
		}
	}
	return out
}

// NamespaceFacts is what Facts returns for a namespace.
type NamespaceFacts struct {
	System    bool          `json:"system"`
	Workloads []PodFacts    `json:"workloads"`
	Policies  []model.Ref   `json:"policies"`
	Isolated  IsolatedFacts `json:"isolated"`
	// EgressOpen are the workloads that no policy isolates for egress in a
	// namespace whose other workloads are.
	EgressOpen []model.Ref `json:"egress_open"`
}

// PodFacts is a workload in short.
type PodFacts struct {
	Ref         model.Ref `json:"ref"`
	HostNetwork bool      `json:"host_network"`
	// Enforceable is unset when network policies cannot apply to the pods.
	Enforceable bool `json:"enforceable"`
}

// IsolatedFacts says whether a policy isolates every pod in each direction.
type IsolatedFacts struct {
	Ingress model.Tri `json:"ingress"`
	Egress  model.Tri `json:"egress"`
}

func (g *Graph) namespaceFacts(n *Namespace) NamespaceFacts {
	out := NamespaceFacts{
		System: IsSystemNamespace(n.name), Workloads: []PodFacts{}, Policies: refs(n.Policies),
		Isolated: IsolatedFacts{
			Ingress: g.Isolated(n, networkingv1.PolicyTypeIngress),
			Egress:  g.Isolated(n, networkingv1.PolicyTypeEgress),
		},
		EgressOpen: refs(g.LeftOpen(n, networkingv1.PolicyTypeEgress)),
	}
	for _, w := range n.Workloads {
		out.Workloads = append(out.Workloads, PodFacts{Ref: w.Ref(), HostNetwork: w.HostNetwork(), Enforceable: w.Enforceable()})
	}
	return out
}
