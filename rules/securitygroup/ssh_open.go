package securitygroup

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// SSHOpen is SG-011.
func SSHOpen() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "SG-011",
			Title:    "Remote access opens SSH to every address",
			Category: "securitygroup",
			Description: `Fires on a managed node group with an SSH key and without the security groups that may use it: EKS then admits every
address to port 22. It is silent where the input does not tell, and for groups with a launch template, which says that
itself.`,
			Rationale: `Anybody who reaches a node can try to log in. With a public address that is the whole internet.`,
			Remediation: `List the security groups of those who need it in the remote access of the node group, or use Session Manager without a
key.`,
			Severity:         rule.Warning,
			SecuritySeverity: 5.0,
			Kinds:            []string{eks.KindNodeGroup},
			Reads:            []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/APIReference/API_RemoteAccessConfig.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(sshOpen),
	}
}

func sshOpen(p *rule.Pass, n *eks.NodeGroup) {
	if on, _ := n.RemoteAccess.Get(); !on || n.SelfManaged || n.LaunchTemplate != nil || len(n.RemoteAccessGroups) > 0 {
		return
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("The remote access of %s names no security group, so that EKS admits every address to SSH", n.Title()),
		At:      rule.SpanAt(n.RemoteAccess.Span()),
	})
}
