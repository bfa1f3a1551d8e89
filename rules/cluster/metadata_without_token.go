package cluster

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// MetadataWithoutToken is IAM-001.
func MetadataWithoutToken() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "IAM-001",
			Title:    "Nodes answer metadata requests without a token",
			Category: "cluster",
			Description: `Fires on a node group whose launch template says that tokens are optional for the instance metadata service, and leaves it
switched on. It is silent where the template does not say, as defaults differ, and where it is not known.`,
			Rationale: `A request that a pod can be tricked into reads the credentials of the node role, with which the network of the cluster can
be changed.`,
			Remediation:      `Set http_tokens to required, and the hop limit to 1 where pods need no metadata.`,
			Severity:         rule.Warning,
			SecuritySeverity: 5.0,
			Kinds:            []string{eks.KindNodeGroup},
			Reads:            []string{},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(metadataWithoutToken),
	}
}

func metadataWithoutToken(p *rule.Pass, n *eks.NodeGroup) {
	if n.Template == nil {
		return
	}
	tokens, _ := n.Template.Tokens.Get()
	if endpoint, known := n.Template.Endpoint.Get(); tokens != "optional" || !known || endpoint == "disabled" {
		return
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("Nodes of %s answer metadata requests without a token", n.Title()),
		At:      rule.SpanAt(n.Template.Tokens.Span()), Key: n.Name,
		Related: []rule.Related{{Message: n.Title(), At: rule.SpanAt(n.At)}},
	})
}
