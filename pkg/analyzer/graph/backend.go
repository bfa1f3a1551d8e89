package graph

import (
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// useAnnotation is the port name by which a backend names an action instead of
// a Service:
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#actions
const useAnnotation = "use-annotation"

// BackendKind says what an Ingress backend names.
type BackendKind string

// The kinds of backends.
const (
	BackendService  BackendKind = "service"
	BackendAction   BackendKind = "action"
	BackendResource BackendKind = "resource"
)

// Backend is one backend of an Ingress: its default backend or that of a path.
type Backend struct {
	// Path leads to the backend in the Ingress; RulePath to the rule's element
	// of spec.rules, nil for the default backend.
	Path     model.Path
	RulePath model.Path
	Kind     BackendKind
	// Name is the Service or the action.
	Name string
	Host string
	// HTTPPath and PathType are those of the rule; empty for the default backend.
	HTTPPath string
	PathType networkingv1.PathType
	// Action is the parsed action of a BackendAction; nil when the annotation
	// is missing or cannot be parsed, and HasAction tells which.
	Action    *lbc.Action
	HasAction model.Tri
	// Built is No when the controller never makes a listener rule of it,
	// because a redirect to HTTPS takes the place of its only listener.
	Built model.Tri
	// Targets are the Services that receive its traffic.
	Targets []*Target
}

// Target is one Service and port that a backend forwards to.
type Target struct {
	// Path leads to the text in the Ingress that names it: the backend's
	// service, or the annotation of the action.
	Path model.Path
	// Name is the Service; Number or PortName its port.
	Name     string
	Number   int32
	PortName string
	// Service is nil when it is not in the input; Exists is then No only
	// where the Services of the namespace are known.
	Service *Service
	Exists  model.Tri
	// PortIndex is the port in the Service when PortExists is Yes.
	PortIndex  int
	PortExists model.Tri
	// TargetType is the effective target type: instance or ip.
	TargetType Setting
	// Similar is an existing Service whose name is at most two edits away.
	Similar string
	// Single is set when the backend forwards to this target alone.
	Single bool
}

func (g *Graph) addBackends(i *Ingress) {
	if b := i.spec.DefaultBackend; b != nil {
		g.addBackend(i, b, &Backend{Path: model.Path{"spec", "defaultBackend"}})
	}
	for n := range i.spec.Rules {
		rule := &i.spec.Rules[n]
		if rule.HTTP == nil {
			continue
		}
		rulePath := model.Path{"spec", "rules", strconv.Itoa(n)}
		for m := range rule.HTTP.Paths {
			p := &rule.HTTP.Paths[m]
			out := &Backend{
				Path:     rulePath.Child("http", "paths", strconv.Itoa(m), "backend"),
				RulePath: rulePath,
				Host:     rule.Host,
				HTTPPath: p.Path,
			}
			if p.PathType != nil {
				out.PathType = *p.PathType
			}
			g.addBackend(i, &p.Backend, out)
		}
	}
}

func (g *Graph) addBackend(i *Ingress, b *networkingv1.IngressBackend, out *Backend) {
	i.Backends = append(i.Backends, out)
	out.Built = model.Yes
	switch {
	case b.Resource != nil:
		out.Kind = BackendResource
	case b.Service == nil:
		out.Kind = BackendResource
	case b.Service.Port.Name == useAnnotation:
		out.Kind, out.Name = BackendAction, b.Service.Name
		g.resolveAction(i, out)
	default:
		out.Kind, out.Name = BackendService, b.Service.Name
		t := &Target{
			Path:     out.Path.Child("service"),
			Name:     b.Service.Name,
			Number:   b.Service.Port.Number,
			PortName: b.Service.Port.Name,
			Single:   true,
		}
		g.resolveTarget(i, t)
		out.Targets = append(out.Targets, t)
	}
}

// resolveAction reads the annotation of the action that the backend names.
func (g *Graph) resolveAction(i *Ingress, b *Backend) {
	suffix := "actions." + b.Name
	s := i.Annotation(suffix)
	switch {
	case !s.Known:
		return
	case s.Value == nil:
		b.HasAction = model.TriOf(false)
		if placeholder.In(b.Name) || i.resource.IsUnknown("metadata", "annotations") || g.rolloutWrites(i) {
			b.HasAction = model.Unknown
		}
		return
	}
	b.HasAction = model.Yes
	action, issues := lbc.ParseAction(*s.Value)
	if lbc.Refused(issues) {
		return
	}
	b.Action = &action
	for _, group := range action.TargetGroups {
		if group.ServiceName == "" {
			continue
		}
		t := &Target{
			Path:   model.Path{"metadata", "annotations", ingressPrefix + suffix},
			Name:   group.ServiceName,
			Single: len(action.TargetGroups) == 1,
		}
		t.Number, t.PortName = servicePort(group.ServicePort)
		g.resolveTarget(i, t)
		b.Targets = append(b.Targets, t)
	}
}

// rolloutWrites reports whether an Argo Rollout may add the action that the
// Ingress leaves out:
// https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/alb/
func (g *Graph) rolloutWrites(i *Ingress) bool {
	return slices.ContainsFunc(g.Namespace(i.Ref().Namespace).Workloads, func(w *Workload) bool {
		return w.Ref().Kind == model.KindRollout.Kind
	})
}

// servicePort reads the port of an action: digits are a number.
func servicePort(p lbc.ServicePort) (number int32, name string) {
	if n, ok := p.Number(); ok {
		return int32(n), ""
	}
	return 0, string(p)
}

func (g *Graph) resolveTarget(i *Ingress, t *Target) {
	namespace := i.Ref().Namespace
	t.TargetType = g.BackendSetting(i, nil, "target-type")
	t.Service = g.service(namespace, t.Name)
	if t.Service == nil {
		t.Exists = g.absent(model.Services, namespace, t.Name, i.resource.IsUnknown(t.Path...))
		if t.Exists == model.No {
			t.Similar = g.similarService(namespace, t.Name)
		}
		return
	}
	t.Exists = model.Yes
	t.TargetType = g.BackendSetting(i, t.Service, "target-type")
	t.PortIndex, t.PortExists = t.Service.Port(t.Number, t.PortName)
	if i.resource.IsUnknown(t.Path...) && t.PortExists == model.No {
		t.PortExists = model.Unknown
	}
	if i.Manager.IsAWS() && (len(t.Service.Ingresses) == 0 || t.Service.Ingresses[len(t.Service.Ingresses)-1] != i) {
		t.Service.Ingresses = append(t.Service.Ingresses, i)
	}
}

// absent answers whether an object that is not in the input exists.
func (g *Graph) absent(d model.Domain, namespace, name string, unknown bool) model.Tri {
	switch known := g.snapshot.Knows(d, namespace); {
	case unknown || placeholder.In(name) || known == model.NotKnown,
		known == model.Inferred && (g.canaryOf(namespace, name) || g.withoutNamespace(namespace, name)):
		return model.Unknown
	default:
		return model.No
	}
}

// withoutNamespace reports whether the name is that of a Service which may get into the
// same namespace when kubectl applies them, since one of both names none.
func (g *Graph) withoutNamespace(namespace, name string) bool {
	others := []string{""}
	if namespace == "" {
		others = g.snapshot.Namespaces()
	}
	return slices.ContainsFunc(others, func(other string) bool {
		return g.snapshot.Get(model.Ref{Kind: "Service", Namespace: other, Name: name}) != nil
	})
}

// canaryOf reports whether the name is one that Flagger gives to a Service
// that it makes beside an existing Service or workload:
// https://docs.flagger.app/usage/how-it-works
func (g *Graph) canaryOf(namespace, name string) bool {
	for _, suffix := range []string{"-primary", "-canary"} {
		stem, ok := strings.CutSuffix(name, suffix)
		if ok && (g.service(namespace, stem) != nil || slices.ContainsFunc(g.Namespace(namespace).Workloads, func(w *Workload) bool {
			return w.Ref().Name == stem
		})) {
			return true
		}
	}
	return false
}

// BackendSetting is the setting of a target group by its annotation suffix: parameters
// first, then the Service's annotation, then the Ingress's
// (pkg/ingress/model_build_target_group.go of the controller). The Service may be nil.
func (g *Graph) BackendSetting(i *Ingress, s *Service, suffix string) Setting {
	if setting, ok := i.paramsSetting(suffix); ok {
		return setting
	}
	if s != nil {
		if setting, ok := annotation(OriginService, s.resource, ingressPrefix+suffix); ok {
			return setting
		}
	}
	return g.Setting(i, suffix)
}

func (g *Graph) similarService(namespace, name string) string {
	// A name of two letters is two edits away from every other.
	best, at := "", min(3, len(name))
	for _, s := range g.Namespace(namespace).Services {
		if d := levenshtein.ComputeDistance(name, s.Ref().Name); d < at {
			best, at = s.Ref().Name, d
		}
	}
	return best
}
