package cni

import (
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// NodeRoleForTheAgent is CNI-010.
func NodeRoleForTheAgent() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CNI-010",
			Title:    "VPC CNI works with the role of the node",
			Category: "cni",
			Description: `Fires on the ServiceAccount kube-system/aws-node without a role of IAM of its own (eks.amazonaws.com/role-arn). It is
silent where an add-on or eksctl may give the VPC CNI its role, where the agent of EKS Pod Identity is shown, whose
associations may do so, and where the annotations are not known. It has to be enabled, as the input seldom shows all
associations.`,
			Rationale: `The permissions to make, attach and delete network interfaces are then those of the node, and every pod that reaches the
metadata of the node has them too.`,
			Remediation: `Give the ServiceAccount a role with AmazonEKS_CNI_Policy by eks.amazonaws.com/role-arn or by EKS Pod Identity, and take the
policy from the role of the nodes.`,
			Severity:         rule.Warning,
			SecuritySeverity: 4.6,
			OptIn:            true,
			Kinds:            []string{"ServiceAccount"},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/cni-iam-role.html",
				"https://docs.aws.amazon.com/eks/latest/best-practices/vpc-cni.html",
			},
			Since: "0.1.0",
		},
		Run: nodeRoleForTheAgent,
	}
}

func nodeRoleForTheAgent(p *rule.Pass, o graph.Object) {
	const annotation = "eks.amazonaws.com/role-arn"
	r := o.Resource()
	if r.Ref.Namespace != "kube-system" || r.Ref.Name != "aws-node" || r.IsUnknown("metadata", "annotations") || roleElsewhere(p) {
		return
	}
	if r.Object.GetAnnotations()[annotation] == "" {
		p.Report(rule.Finding{
			Message: fmt.Sprintf("ServiceAccount kube-system/aws-node has no role of its own (%s), so that the VPC CNI takes that of the node", annotation),
			At:      rule.KeyAt(r, "metadata"),
		})
	}
}

// roleElsewhere reports whether something that the input does not show as a whole may
// give the VPC CNI a role.
func roleElsewhere(p *rule.Pass) bool {
	const agent = "eks-pod-identity-agent"
	s := p.Graph.Snapshot()
	if len(s.All(model.KindClusterConfig)) > 0 || p.Graph.Lookup(model.Ref{Group: "apps", Kind: "DaemonSet", Namespace: "kube-system", Name: agent}) != nil {
		return true
	}
	return slices.ContainsFunc(s.AWS().Addons, func(a *model.EKSAddon) bool {
		name, known := a.AddonName.Get()
		return !known || name == "vpc-cni" || name == agent
	})
}
