package podsecuritygroup

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// IPVSWithStrictMode is SGP-007.
func IPVSWithStrictMode() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SGP-007",
			Title:    "kube-proxy in mode ipvs beside security groups of pods in strict mode",
			Category: "podsecuritygroup",
			Description: `Fires on a SecurityGroupPolicy that selects pods where kube-proxy runs in mode ipvs, ENABLE_POD_ENI is switched on and
POD_SECURITY_GROUP_ENFORCING_MODE is strict, the default. It is silent with Fargate and EKS Auto Mode, about pods on
the network of their node, and where the mode of kube-proxy or the settings of the VPC CNI are not shown. Without an AWS
side it is a warning, as the pods may run on Fargate.`,
			Rationale: `In strict mode the traffic of these pods leaves the node by an interface of their own, past the virtual interface on which ipvs
answers for Services: the pods reach no Service by its address, the cluster's DNS included.`,
			Remediation: `Run kube-proxy in mode iptables or nftables, or set POD_SECURITY_GROUP_ENFORCING_MODE to standard.`,
			Severity:    rule.Error,
			Kinds:       []string{"SecurityGroupPolicy.vpcresources.k8s.aws"},
			Refs: []string{
				"https://github.com/aws/amazon-vpc-cni-k8s/issues/2982",
				"https://github.com/aws/amazon-vpc-cni-k8s/pull/3064",
			},
			Since: "0.1.0",
		},
		Run: ipvsWithStrictMode,
	}
}

func ipvsWithStrictMode(p *rule.Pass, o graph.Object) {
	proxy, by, at := p.Graph.ProxyMode()
	on, _ := p.Graph.CNI().Switch("ENABLE_POD_ENI", false)
	if proxy != "ipvs" || on != model.Yes || p.Graph.CNI().StrictPodGroups() != model.Yes {
		return
	}
	c := p.Cluster()
	if len(c.Profiles) > 0 || p.Graph.Controller().AutoMode == model.Yes {
		return
	}
	pods, _ := c.PodsOf(o.Resource())
	for _, w := range pods {
		if w.HostNetwork() {
			continue
		}
		severity := rule.Error
		if !c.Known() {
			severity = rule.Warning
		}
		p.Report(rule.Finding{
			Severity: severity,
			Message:  fmt.Sprintf("SecurityGroupPolicy %q gives %s security groups in strict mode, in which Services are out of reach with kube-proxy in mode ipvs", o.Ref().Name, w.Ref()),
			At:       rule.KeyAt(o.Resource(), "spec"),
			Related:  []rule.Related{{Message: "the mode of kube-proxy", At: rule.ValueAt(by, at...)}},
		})
		return
	}
}
