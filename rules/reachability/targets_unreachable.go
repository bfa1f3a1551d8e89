package reachability

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// TargetsUnreachable is REACH-001.
func TargetsUnreachable() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "REACH-001",
			Title:    "Load balancer cannot reach its targets",
			Category: "reachability",
			Description: `Fires on the load balancer of an Ingress or a Service when security groups or network ACLs refuse
its connections to the pods behind it, or the answers, wherever the pods may run: to the port of the pods for
target type ip, to the port of the nodes for target type instance. Where security-groups names groups, the
controller adds nothing to those of the targets unless manage-backend-security-group-rules asks for it; else it
admits the load balancer itself. It is silent where the input does not show the groups of the nodes, all of their
rules, the subnets of the load balancer or which nodes the pods may run on, and where another node or subnet would
do.`,
			Rationale: `No target becomes healthy, and the load balancer answers every request with an error of its own.`,
			Remediation: `Admit the security group of the load balancer on the port of the targets, or set
manage-backend-security-group-rules to "true", which lets the controller do it.`,
			Severity: rule.Error,
			Kinds:    []string{eks.KindLoadBalancer},
			Refs: []string{
				"https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/security_groups/",
				"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html",
				"https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(targetsUnreachable),
	}
}

func targetsUnreachable(p *rule.Pass, lb *eks.LoadBalancer) {
	for _, t := range p.Path().Unreachable(lb) {
		stop, closed := closedInAWS(t.Answer)
		if !closed || lb.Admits == model.Yes && stop.Layer == vpc.LayerSecurityGroup {
			continue // where the controller should have admitted it, SG-001 speaks
		}
		ref := t.Workload.Owner()
		f := rule.Finding{
			Message: fmt.Sprintf("The %s cannot reach %s %q behind Service %q: %s", lb.Title, ref.Kind, ref.Name, t.Route.Service.Ref().Name, because(stop)),
			Key:     fmt.Sprintf("%s %d", t.Route.Service.Ref().NamespacedName(), t.Route.Port),
			Related: relatedOf(stop), Flow: flow(t.Answer),
		}
		f.At = placeOf(p, lb, stop)
		p.Report(f)
	}
}

// placeOf is the annotation that gives the load balancer its groups, when they
// are what is refused, and else the line that refuses.
func placeOf(p *rule.Pass, lb *eks.LoadBalancer, stop path.Hop) rule.Place {
	if given := lb.Groups; given.Ref != nil && stop.Layer == vpc.LayerSecurityGroup {
		return rule.Place{Resource: p.Graph.Snapshot().Get(*given.Ref), Path: given.Path, Part: model.PartKey}
	}
	if len(stop.Rules) > 0 {
		return rule.SpanAt(stop.Rules[len(stop.Rules)-1].At)
	}
	return rule.Place{}
}
