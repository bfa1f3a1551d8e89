package cluster

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// GlobalSTSOutOfReach is IAM-002.
func GlobalSTSOutOfReach() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "IAM-002",
			Title:    "Pods ask for the global endpoint of STS, which is out of reach",
			Category: "cluster",
			Description: `Fires on a container with AWS_STS_REGIONAL_ENDPOINTS set to legacy whose pods run as a ServiceAccount with a role of IAM,
when no subnet that they may lie in has a route out of the VPC and the VPC has an interface endpoint for STS. It is
silent where the container has a proxy, an endpoint or a region of its own, or variables from elsewhere; in regions
where legacy means the endpoint of the region, and in us-east-1; and where routes, endpoints or places of the pods are
not known. The annotation eks.amazonaws.com/sts-regional-endpoints with false is no finding: it leaves the choice to
the SDK, and new ones take the endpoint of the region.`,
			Rationale: `The endpoint in the VPC answers for the name of the region, sts.<region>.amazonaws.com. To an SDK that reads the variable the
global name sts.amazonaws.com leads out of the VPC: it gets no credentials.`,
			Remediation: `Set AWS_STS_REGIONAL_ENDPOINTS to regional, or leave it out.`,
			Severity:    rule.Warning,
			Kinds:       []string{graph.KindWorkload},
			Refs: []string{
				"https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html",
				"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sts_vpc_endpoint_create.html",
				"https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(globalSTSOutOfReach),
	}
}

func globalSTSOutOfReach(p *rule.Pass, w *graph.Workload) {
	spec := w.PodSpec()
	if spec == nil || !hasRole(p.Graph, w) {
		return
	}
	for i, container := range spec.Containers {
		n := asksForGlobal(container)
		at := w.PathTo("spec", "containers", strconv.Itoa(i), "env")
		if n < 0 || w.Holder().Hides(at...) || !globalIsOut(p.Cluster(), w) {
			continue
		}
		p.Report(rule.Finding{
			Message: fmt.Sprintf("Container %q of %s asks for the global endpoint of STS, and no route leads out of the VPC to it", container.Name, w.Ref()),
			At:      rule.ValueAt(w.Holder(), at.Child(strconv.Itoa(n), "value")...), Key: container.Name,
		})
	}
}

func hasRole(g *graph.Graph, w *graph.Workload) bool {
	const annotation = "eks.amazonaws.com/role-arn"
	_, account := g.ServiceAccount(w)
	return account != nil && account.Object.GetAnnotations()[annotation] != ""
}

// asksForGlobal is the number of the variable by which a container asks for the global
// endpoint; -1 where it does not, or another variable may let it go elsewhere.
func asksForGlobal(c corev1.Container) int {
	elsewhere := func(e corev1.EnvVar) bool {
		return strings.Contains(strings.ToUpper(e.Name), "PROXY") || strings.HasPrefix(e.Name, "AWS_ENDPOINT_URL") ||
			e.Name == "AWS_REGION" || e.Name == "AWS_DEFAULT_REGION"
	}
	if len(c.EnvFrom) > 0 || slices.ContainsFunc(c.Env, elsewhere) {
		return -1
	}
	for i, e := range slices.Backward(c.Env) { // the last one counts
		if e.Name == "AWS_STS_REGIONAL_ENDPOINTS" {
			if e.Value == "legacy" {
				return i
			}
			return -1
		}
	}
	return -1
}

// globalIsOut reports whether all places of the pods are in a VPC that no route leaves
// and that has an endpoint for STS of the region, where that is not the global one.
func globalIsOut(c *eks.Cluster, w *graph.Workload) bool {
	places, why := c.Places(w)
	if why != "" || len(places) == 0 || !slices.Contains(globalByLegacy(), c.Region()) || !hasSTS(c) {
		return false
	}
	return !slices.ContainsFunc(places, func(at eks.Place) bool {
		return !c.Network.CutOff(at.Subnet) || !c.Network.CutOff(at.Pod.Subnet)
	})
}

// globalByLegacy are the regions in which legacy means the global endpoint, but for
// that of the global endpoint itself.
func globalByLegacy() []string {
	return []string{
		"ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2",
		"eu-west-3", "sa-east-1", "us-east-2", "us-west-1", "us-west-2",
	}
}

func hasSTS(c *eks.Cluster) bool {
	found, _ := c.Endpoints("sts")
	return slices.ContainsFunc(found, func(e *model.VPCEndpoint) bool {
		kind, _ := e.Type.Get()
		return kind == eks.EndpointInterface
	})
}
