package vpc

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// TargetsInZonesLeftOut is VPC-004.
func TargetsInZonesLeftOut() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "VPC-004",
			Title:    "Network Load Balancer leaves out zones of its targets",
			Category: "vpc",
			Description: `Fires on a Network Load Balancer that has no subnet in a zone in which its targets lie, and does not send across zones,
which is how one is made unless the Service asks for more. An error where all targets lie in such zones, a warning where
some pods may run there. It is silent where every node passes on what it is sent (target type instance without
externalTrafficPolicy Local) and one lies in a zone that is enabled, where the subnets of the load balancer, its
attributes or the places of the pods are not known, and, where some targets are served, on StatefulSets, DaemonSets and
pods that volumes or other pods hold in a zone.`,
			Rationale: `Targets in a zone that is not enabled get no traffic: pods there idle, and when all do nobody is answered.`,
			Remediation: `Give the load balancer a subnet in each zone of the nodes, or set load_balancing.cross_zone.enabled=true in
service.beta.kubernetes.io/aws-load-balancer-attributes.`,
			Severity: rule.Error,
			Kinds:    []string{eks.KindLoadBalancer},
			Refs: []string{
				"https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html#availability-zones",
				"https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-cross-zone.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(targetsInZonesLeftOut),
	}
}

func targetsInZonesLeftOut(p *rule.Pass, lb *eks.LoadBalancer) {
	for _, s := range p.Cluster().Stranded(lb) {
		f := rule.Finding{At: rule.KeyAt(lb.Resource()), Severity: rule.Error}
		zones := strings.Join(s.Zones, ", ")
		to, reason := "the nodes", fmt.Sprintf("it has no subnet in zone %s, where all of them lie", zones)
		if s.Workload != nil {
			ref := s.Workload.Owner()
			to, reason = fmt.Sprintf("%s %q", ref.Kind, ref.Name), fmt.Sprintf("it has no subnet in zone %s, where all of its pods run", zones)
		}
		f.Key = to
		if !s.All {
			f.Severity = rule.Warning
			to, reason = fmt.Sprintf("pods of %s in zone %s", to, zones), "it has no subnet there"
		}
		if given := lb.Subnets; given.IsSet() && given.Ref != nil {
			f.At = rule.Place{Resource: p.Graph.Snapshot().Get(*given.Ref), Path: given.Path, Part: model.PartKey}
		}
		f.Message = fmt.Sprintf("The %s sends nothing to %s: %s, and does not send across zones", lb.Title, to, reason)
		for _, subnet := range s.Subnets {
			f.Related = append(f.Related, rule.Related{Message: "subnet " + subnet.Title() + " in a zone left out", At: rule.SpanAt(subnet.At)})
		}
		p.Report(f)
	}
}
