package podsecuritygroup

import (
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// ProbesRefused is SGP-002.
func ProbesRefused() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SGP-002",
			Title:    "Security groups of pods refuse the kubelet",
			Category: "podsecuritygroup",
			Description: `Fires on a probe of pods to which a SecurityGroupPolicy gives security groups when these refuse the node on the port of the
probe, wherever the pods run, and POD_SECURITY_GROUP_ENFORCING_MODE is strict, the default, in which the traffic of the
node itself passes them. It is silent where the policy may have no effect, where pods may run on nodes that are not
known, and where a security group, its rules or the mode are not known.`,
			Rationale:   `The kubelet takes the pods for dead or not ready: it restarts them for ever, or no Service sends to them.`,
			Remediation: `Admit the port of the probe from the security group of the nodes, or set the mode to standard.`,
			Severity:    rule.Error,
			Kinds:       []string{"SecurityGroupPolicy.vpcresources.k8s.aws"},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
				"https://docs.aws.amazon.com/eks/latest/best-practices/sgpp.html",
			},
			Since: "0.1.0",
		},
		Run: probesRefused,
	}
}

func probesRefused(p *rule.Pass, o graph.Object) {
	c := p.Cluster()
	if c.Graph.CNI().StrictPodGroups() != model.Yes {
		return
	}
	pods, _ := c.PodsOf(o.Resource())
	for _, w := range pods {
		for _, probe := range probes(w) {
			hop, refused := refusedEverywhere(p, w, probe.port)
			if !refused {
				continue
			}
			p.Report(rule.Finding{
				Message: fmt.Sprintf("SecurityGroupPolicy %q keeps the kubelet from the probe of %s on port %d: %s", o.Ref().Name, w.Ref(), probe.port, hop.Why),
				At:      rule.ValueAt(o.Resource(), "spec", "securityGroups"), Key: w.Ref().String() + strconv.Itoa(int(probe.port)),
				Related: []rule.Related{{Message: "the probe", At: rule.ValueAt(w.Holder(), w.PathTo(probe.at...)...)}},
			})
		}
	}
}

// refusedEverywhere is what refuses the node of every place of the pods.
func refusedEverywhere(p *rule.Pass, w *graph.Workload, port uint16) (vpc.Hop, bool) {
	var all eks.First
	for _, place := range p.Cluster().BranchPlaces(w) {
		all.Add(p.Cluster().Refused(vpc.LayerSecurityGroup, []vpc.Side{place.Node}, []vpc.Side{place.Pod}, netset.PortRange(netset.TCP, port, port)))
	}
	return all.Refused()
}

// probe is a port that the kubelet asks, with its place in the pod template.
type probe struct {
	port uint16
	at   []string
}

// probes are those of the containers whose port is a number or the name of a port of
// the container, each port once.
func probes(w *graph.Workload) []probe {
	var out []probe
	seen := map[uint16]bool{}
	spec := w.PodSpec()
	if spec == nil {
		return nil
	}
	for i, container := range spec.Containers {
		for _, x := range []struct {
			name  string
			probe *corev1.Probe
		}{{"livenessProbe", container.LivenessProbe}, {"readinessProbe", container.ReadinessProbe}, {"startupProbe", container.StartupProbe}} {
			at := []string{"spec", "containers", strconv.Itoa(i), x.name}
			port, ok := probed(x.probe, container)
			if ok && !seen[port] && !w.Holder().IsUnknown(w.PathTo(at...)...) {
				seen[port] = true
				out = append(out, probe{port, at})
			}
		}
	}
	return out
}

// probed is the port that a probe asks.
func probed(x *corev1.Probe, c corev1.Container) (uint16, bool) {
	var port intstr.IntOrString
	switch {
	case x == nil:
		return 0, false
	case x.HTTPGet != nil && x.HTTPGet.Host == "":
		port = x.HTTPGet.Port
	case x.TCPSocket != nil && x.TCPSocket.Host == "":
		port = x.TCPSocket.Port
	case x.GRPC != nil:
		port = intstr.FromInt32(x.GRPC.Port)
	default:
		return 0, false
	}
	for _, named := range c.Ports {
		if port.Type == intstr.String && named.Name == port.StrVal {
			port = intstr.FromInt32(named.ContainerPort)
		}
	}
	number := port.IntValue()
	return uint16(max(min(number, int(netset.LastPort)), 0)), number > 0 && number <= int(netset.LastPort) //nolint:gosec // bounded
}
