package podsecuritygroup

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// CacheWithStrictMode is SGP-005.
func CacheWithStrictMode() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SGP-005",
			Title:    "NodeLocal DNSCache beside security groups of pods in strict mode",
			Category: "podsecuritygroup",
			Description: `Fires on a SecurityGroupPolicy that selects pods where NodeLocal DNSCache runs, ENABLE_POD_ENI is switched on and
POD_SECURITY_GROUP_ENFORCING_MODE is strict, the default. It is silent where the settings of the VPC CNI are not shown.`,
			Rationale: `In strict mode the traffic of these pods leaves by an interface of their own and never reaches the cache on the node: the
pods have no DNS.`,
			Remediation: `Set POD_SECURITY_GROUP_ENFORCING_MODE to standard.`,
			Severity:    rule.Error,
			Kinds:       []string{"SecurityGroupPolicy.vpcresources.k8s.aws"},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/best-practices/sgpp.html",
				"https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#pod_security_group_enforcing_mode-v1110",
			},
			Since: "0.1.0",
		},
		Run: cacheWithStrictMode,
	}
}

func cacheWithStrictMode(p *rule.Pass, o graph.Object) {
	caches := p.Graph.NodeCaches()
	on, _ := p.Graph.CNI().Switch("ENABLE_POD_ENI", false)
	pods, _ := p.Cluster().PodsOf(o.Resource())
	if len(caches) == 0 || len(pods) == 0 || on != model.Yes || p.Graph.CNI().StrictPodGroups() != model.Yes {
		return
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("SecurityGroupPolicy %q gives %s security groups in strict mode, in which NodeLocal DNSCache is out of reach", o.Ref().Name, pods[0].Ref()),
		At:      rule.KeyAt(o.Resource(), "spec"),
		Related: []rule.Related{{Message: "NodeLocal DNSCache", At: rule.KeyAt(caches[0].Workload.Holder(), caches[0].Workload.PathTo("spec")...)}},
	})
}
