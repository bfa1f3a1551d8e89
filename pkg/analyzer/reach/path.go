package reach

import (
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/model"
)

// Step is an object that a connection passes on its way to pods.
type Step struct {
	Object graph.Object
	// At leads to the part of the object that sends the connection on.
	At model.Path
	// What says where to.
	What string
}

// ToService answers whether an endpoint can talk to the pods behind a Service
// on those of its ports that are asked for: one answer for each port and
// workload. Policies are judged on the pod and its port, after the Service has
// rewritten the address, which Kubernetes leaves open and most plugins do:
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-services
func (e *Engine) ToService(from int, s *graph.Service, ports netset.Ports) []Answer {
	out := e.toService(s, ports, func(to int, target netset.Ports) Answer { return e.Ask(from, to, target) }, e.endpoints.At(from))
	for i := range out {
		if a := &out[i]; a.Verdict == Open && !everywhere(s, a.To.Workload) {
			a.Verdict = NotKnown
			a.addReason("the Service leads to pods on the same node alone (internalTrafficPolicy), and which node a pod has is not known")
		}
	}
	return out
}

// everywhere reports whether a Service leads from every node to the pods: unless
// it keeps to the node, or the pods are on each.
// https://kubernetes.io/docs/concepts/services-networking/service-traffic-policy/
func everywhere(s *graph.Service, w *graph.Workload) bool {
	policy := s.Spec().InternalTrafficPolicy
	switch {
	case headless(s):
		return true
	case s.Resource().IsUnknown("spec", "internalTrafficPolicy"):
		return false
	case policy == nil || *policy != corev1.ServiceInternalTrafficPolicyLocal:
		return true
	}
	pods := w.PodSpec()
	return w.Ref().GroupKind() == model.KindDaemonSet && pods != nil && len(pods.NodeSelector) == 0 && pods.Affinity == nil
}

// ask answers for one workload and its port.
type ask func(to int, ports netset.Ports) Answer

func (e *Engine) toService(s *graph.Service, ports netset.Ports, ask ask, from Endpoint) []Answer {
	front := Answer{From: from, To: Endpoint{Label: label(s)}, Verdict: NotKnown}
	if why, verdict := withoutPods(s); why != "" {
		front.Verdict, front.Reasons = verdict, []string{why}
		return []Answer{front}
	}
	var out []Answer
	unknown := s.Resource().Hides(specification().Child("ports")...)
	for i, p := range s.Spec().Ports {
		protocol, ok := netset.ParseProtocol(string(s.Protocol(i)))
		switch {
		case !ok || !isPort(p.Port) || portUnknown(s, i):
			unknown = true
			continue
		case !ports.Contains(protocol, uint16(p.Port)): //nolint:gosec // a port
			continue
		}
		for _, w := range s.Pods() {
			a := e.toBackend(s, i, w, protocol, ask, front)
			if s.PodsCertain() == model.Unknown {
				a.addReason("which pods the Service selects is not fully known")
			}
			out = append(out, a)
		}
	}
	if len(out) == 0 {
		front.Verdict, front.Reasons = Blocked, []string{"the Service has no such port"}
		if unknown {
			front.Verdict, front.Reasons = NotKnown, []string{"the ports of the Service are not all known"}
		}
		out = []Answer{front}
	}
	return out
}

// portUnknown reports whether the input does not fix a port of a Service.
func portUnknown(s *graph.Service, i int) bool {
	at := model.Path{"spec", "ports", strconv.Itoa(i)}
	return s.Resource().IsUnknown(at.Child("port")...) || s.Resource().IsUnknown(at.Child("protocol")...)
}

func label(o graph.Object) string { return o.Ref().NamespacedName() + "[" + o.Ref().Kind + "]" }

// withoutPods says why no pod answers for a Service; nothing when some do.
func withoutPods(s *graph.Service) (why string, verdict Verdict) {
	switch {
	case s.Resource().IsUnknown("spec", "type"):
		return "the type of the Service is not known", NotKnown
	case s.Type() == corev1.ServiceTypeExternalName:
		return fmt.Sprintf("the Service is another name for %q", s.Spec().ExternalName), NotKnown
	case len(s.Pods()) > 0:
		return "", ""
	case s.Endpoints || s.Selector().Empty() || s.PodsCertain() != model.Yes:
		return "the input does not show what is behind the Service", NotKnown
	default:
		return "the Service selects no pod", Blocked
	}
}

// toBackend follows one port of a Service to one workload. Each pod finds the
// number of a named target port among its own containers.
func (e *Engine) toBackend(s *graph.Service, port int, w *graph.Workload, protocol netset.Protocol, ask ask, front Answer) Answer {
	p := s.Spec().Ports[port]
	step := Step{Object: s, At: model.Path{"spec", "ports", strconv.Itoa(port)}}
	target, known := s.TargetPort(port, w)
	switch {
	case headless(s):
		target, known = p.Port, model.Yes // names resolve to the pods themselves
	case s.Resource().IsUnknown("spec", "clusterIP") && target != p.Port, known == model.Yes && !isPort(target):
		known = model.Unknown
	}
	number, ok := e.Number(w)
	switch {
	case known == model.No:
		front.Verdict, front.Reasons = Blocked, []string{fmt.Sprintf("%s has no port named %q", label(w), p.TargetPort.StrVal)}
		return front
	case known == model.Unknown || !ok:
		front.Reasons = []string{"the port that the Service leads to is not known"}
		return front
	}
	out := ask(number, portRange(protocol, target, target))
	step.What = fmt.Sprintf("port %d leads to %d of %s", p.Port, target, label(w))
	out.Through = append([]Step{step}, out.Through...)
	return out
}

// headless: https://kubernetes.io/docs/concepts/services-networking/service/#headless-services
func headless(s *graph.Service) bool { return s.Spec().ClusterIP == corev1.ClusterIPNone }

// ToIngress answers, for each backend of an Ingress, whether its load balancer
// can talk to the pods. What addresses the load balancer has no manifest says,
// so the verdict is known only where all addresses outside the cluster are
// alike, and only for controllers that are no pods.
func (e *Engine) ToIngress(i *graph.Ingress) []Answer {
	from := Endpoint{Label: "load balancer of " + label(i)}
	var out []Answer
	for _, b := range i.Backends {
		for _, t := range b.Targets {
			out = append(out, e.toTarget(i, t, from)...)
		}
	}
	return out
}

func (e *Engine) toTarget(i *graph.Ingress, t *graph.Target, from Endpoint) []Answer {
	none := Answer{From: from, To: Endpoint{Label: i.Ref().Namespace + "/" + t.Name + "[Service]"}, Verdict: NotKnown}
	switch {
	case !i.Manager.IsAWS():
		none.Reasons = []string{"pods that the input does not name serve the Ingress"}
		return []Answer{none}
	case t.Exists == model.No:
		none.Verdict, none.Reasons = Blocked, []string{"the Service does not exist"}
		return []Answer{none}
	case t.Service == nil || t.PortExists == model.Unknown:
		none.Reasons = []string{"the input does not show the Service"}
		return []Answer{none}
	case t.PortExists == model.No:
		none.Verdict, none.Reasons = Blocked, []string{"the Service has no such port"}
		return []Answer{none}
	}
	p := t.Service.Spec().Ports[t.PortIndex]
	protocol, _ := netset.ParseProtocol(string(t.Service.Protocol(t.PortIndex)))
	source := e.fromOutside(from)
	if !t.TargetType.Is("ip") {
		source = e.fromNodes(source)
	}
	answers := e.toService(t.Service, portRange(protocol, p.Port, p.Port), source, from)
	for n := range answers {
		step := Step{Object: i, At: t.Path, What: fmt.Sprintf("leads to port %d of %s", p.Port, label(t.Service))}
		answers[n].Through = append([]Step{step}, answers[n].Through...)
	}
	return answers
}
