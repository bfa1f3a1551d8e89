package reachability

import (
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// HealthCheckClosed is REACH-002.
func HealthCheckClosed() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "REACH-002",
			Title:    "Load balancer cannot check the health of its targets",
			Category: "reachability",
			Description: `Fires on the load balancer of an Ingress or a Service whose health check has a port of its own (healthcheck-port, or
healthCheckNodePort where a Service keeps to its node) or asks a target of UDP by TCP, when security groups, network
ACLs or network policies refuse it there, wherever the pods may run; and when the port is a name that the controller
refuses: one that the Service does not have or, for target type ip, one whose target port is a name itself. It is
silent where requests do not get through either, of which REACH-001 tells, where the controller itself admits the load
balancer, and where the input does not show groups, subnets, nodes or policies.`,
			Rationale: `No target becomes healthy, though requests would get through: the load balancer answers every one of them with an
error of its own, or sends them to all targets as if none were well.`,
			Remediation: `Admit the load balancer on the port of the health check, or let it ask the port of the requests (traffic-port).`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindLoadBalancer},
			Refs: []string{
				"https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#healthcheck-port",
				"https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/#healthcheck-port",
				"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(healthCheckClosed),
	}
}

func healthCheckClosed(p *rule.Pass, lb *eks.LoadBalancer) {
	healthCheckRefused(p, lb)
	unchecked := p.Path().Unchecked(lb)
	if len(unchecked) == 0 {
		return
	}
	unreachable := p.Path().Unreachable(lb)
	for _, t := range unchecked {
		stop, closed := t.Answer.Stop()
		if !closed || stop.Verdict != model.No || lb.Admits == model.Yes && stop.Layer == vpc.LayerSecurityGroup ||
			slices.ContainsFunc(unreachable, func(u path.Target) bool { return u.Workload == t.Workload && u.Route.Service == t.Route.Service }) {
			continue
		}
		check, ref := p.Cluster().HealthCheck(t.Route), t.Workload.Owner()
		p.Report(rule.Finding{
			Message: fmt.Sprintf("The %s cannot check the health of %s %q behind Service %q on port %d: %s",
				lb.Title, ref.Kind, ref.Name, t.Route.Service.Ref().Name, check.Port, because(stop)),
			At:  rule.Place{Resource: check.From, Path: check.At, Part: model.PartKey},
			Key: fmt.Sprintf("%s %d", t.Route.Service.Ref().NamespacedName(), t.Route.Port), Related: relatedOf(stop), Flow: flow(t.Answer),
		})
	}
}

// healthCheckRefused tells of ports that the controller refuses, once for each Service.
func healthCheckRefused(p *rule.Pass, lb *eks.LoadBalancer) {
	told := map[string]bool{}
	for _, r := range lb.Routes {
		check := p.Cluster().HealthCheck(r)
		name := r.Service.Ref().NamespacedName()
		if check.Refused == "" || told[name] {
			continue
		}
		told[name] = true
		p.Report(rule.Finding{
			Message: fmt.Sprintf("The controller refuses the health check of the %s for Service %q: %s", lb.Title, r.Service.Ref().Name, check.Refused),
			At:      rule.Place{Resource: check.From, Path: check.At, Part: model.PartKey}, Key: name,
		})
	}
}
