package ingress

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// CertificateElsewhere is ING-014.
func CertificateElsewhere() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "ING-014",
			Title:    "Certificate of another region",
			Category: "ingress",
			Description: `Fires on a load balancer that a controller makes of Ingresses or of a Service when a certificate that is named by its ARN is
one of ACM in another region than the VPC, which the zones of its subnets tell. It is silent where the zones or the
ARN are not known, and for certificates of IAM, which have no region.`,
			Rationale: `Elastic Load Balancing takes certificates of its own region alone: the controller fails to make the listener. Certificates
in us-east-1 are for CloudFront.`,
			Remediation: `Request or import the certificate in the region of the cluster, and name that one.`,
			Severity:    rule.Error,
			Kinds:       []string{eks.KindLoadBalancer},
			Refs: []string{
				"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html",
				"https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(certificateElsewhere),
	}
}

func certificateElsewhere(p *rule.Pass, lb *eks.LoadBalancer) {
	region := p.Cluster().Region()
	if region == "" {
		return
	}
	switch of := lb.Of.(type) {
	case *graph.IngressGroup:
		for _, i := range of.Members {
			checkCertificates(p, lb, p.Graph.Setting(i, "certificate-arn"), region)
		}
	case *graph.Service:
		checkCertificates(p, lb, of.Annotation("aws-load-balancer-ssl-cert"), region)
	}
}

func checkCertificates(p *rule.Pass, lb *eks.LoadBalancer, s graph.Setting, region string) {
	if !s.IsSet() || !s.Known || s.Ref == nil {
		return
	}
	for _, arn := range lbc.StringList(s.Text()) {
		// arn:partition:service:region:account:resource
		parts := strings.SplitN(arn, ":", 6)
		if len(parts) != 6 || parts[0] != "arn" || parts[2] != "acm" || parts[3] == region || parts[3] == "" {
			continue
		}
		p.Report(rule.Finding{
			Message: fmt.Sprintf("The %s lies in region %s, and its certificate in %s", lb.Title, region, parts[3]),
			At:      rule.ValueAt(p.Graph.Snapshot().Get(*s.Ref), s.Path...), Key: arn,
		})
	}
}
