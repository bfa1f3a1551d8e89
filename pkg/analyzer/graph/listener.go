package graph

import (
	"strconv"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/model"
)

// The protocols of an Application Load Balancer's listeners.
const (
	protocolHTTP  = "HTTP"
	protocolHTTPS = "HTTPS"
)

// Listener is one port of a load balancer that an Ingress asks for.
type Listener struct {
	Port     int    `json:"port"`
	Protocol string `json:"protocol"`
	// Origin is OriginIngress for the listen-ports annotation, else OriginDefault.
	Origin Origin `json:"origin"`
}

// listeners returns what listen-ports asks for, else the controller's default:
// HTTPS 443 for an Ingress with a certificate of its own, HTTP 80 without
// (pkg/ingress/model_build_listener.go). spec.tls changes nothing here.
func (g *Graph) listeners(i *Ingress) (out []Listener, known bool) {
	ports := i.Annotation("listen-ports")
	if !ports.Known {
		return nil, false
	}
	if ports.Value != nil {
		parsed, issues := lbc.ListenPorts(*ports.Value)
		for _, l := range parsed {
			out = append(out, Listener{Port: l.Port, Protocol: l.Protocol, Origin: OriginIngress})
		}
		return out, !lbc.Refused(issues)
	}
	switch g.explicitCertificate(i) {
	case model.Yes:
		return []Listener{{Port: 443, Protocol: protocolHTTPS, Origin: OriginDefault}}, true
	case model.No:
		return []Listener{{Port: 80, Protocol: protocolHTTP, Origin: OriginDefault}}, true
	default:
		return nil, false
	}
}

// explicitCertificate answers whether the Ingress names a certificate, or has
// the controller create one.
func (g *Graph) explicitCertificate(i *Ingress) model.Tri {
	create := i.Annotation("create-acm-cert")
	switch {
	case g.namesCertificate(i) == model.Yes:
		return model.Yes
	case isTrue(create):
		return g.controller.createsCertificates()
	case !create.Known:
		return model.Unknown
	default:
		return g.namesCertificate(i)
	}
}

// namesCertificate answers whether the Ingress names a certificate. One that
// is named by a placeholder is named all the same.
func (g *Graph) namesCertificate(i *Ingress) model.Tri {
	arn := g.Setting(i, "certificate-arn")
	switch {
	case arn.IsSet() && arn.Ref != nil && !arn.Known, len(lbc.StringList(arn.Text())) > 0:
		return model.Yes
	case !arn.Known:
		return model.Unknown
	default:
		return model.No
	}
}

// hasHosts answers whether the Ingress names a host by which the controller
// can discover a certificate.
func (i *Ingress) hasHosts() bool {
	for _, r := range i.spec.Rules {
		if r.Host != "" {
			return true
		}
	}
	for _, t := range i.spec.TLS {
		if len(t.Hosts) > 0 {
			return true
		}
	}
	return false
}

// isTrue reads a boolean annotation as the controller does.
func isTrue(s Setting) bool {
	b, err := strconv.ParseBool(s.Text())
	return err == nil && b
}
