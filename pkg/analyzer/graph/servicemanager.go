package graph

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// Annotations that decide who makes a load balancer of a Service:
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
const (
	servicePrefix        = "service.beta.kubernetes.io/"
	annotationType       = servicePrefix + "aws-load-balancer-type"
	annotationTargetType = servicePrefix + "aws-load-balancer-nlb-target-type"
	annotationScheme     = servicePrefix + "aws-load-balancer-scheme"
	annotationInternal   = servicePrefix + "aws-load-balancer-internal"
)

// The schemes of a load balancer.
const (
	schemeInternal       = "internal"
	schemeInternetFacing = "internet-facing"
)

// serviceManager follows the AWS Load Balancer Controller's
// pkg/service/service_utils.go and its webhook for Services.
func (g *Graph) serviceManager(s *Service) Manager {
	if s.resource.IsUnknown("spec", "loadBalancerClass") || s.resource.IsUnknown("spec", "type") {
		return ManagerUnknown
	}
	if class := s.spec.LoadBalancerClass; class != nil && *class != "" {
		return g.managerOfClass(*class)
	}
	switch m := managerByAnnotation(s); {
	case m != ManagerNone:
		return m
	case s.Type() != corev1.ServiceTypeLoadBalancer:
		return ManagerNone
	case g.controller.ServiceWebhook == model.Yes:
		return ManagerLBC
	case g.controller.AutoMode == model.Yes:
		return ManagerAutoMode
	case g.controller.ServiceWebhook == model.No && g.controller.AutoMode == model.No:
		return ManagerLegacy
	default:
		return ManagerUnknown
	}
}

func (g *Graph) managerOfClass(class string) Manager {
	lbcClass := lbcServiceClass
	if flag, ok := g.controller.Flag("load-balancer-class"); ok {
		lbcClass = flag
	}
	switch class {
	case lbcClass:
		return ManagerLBC
	case autoModeServiceClass:
		return ManagerAutoMode
	default:
		return ManagerOther
	}
}

// managerByAnnotation answers ManagerNone when the annotations leave the
// Service to whoever takes Services without a class.
func managerByAnnotation(s *Service) Manager {
	kind, ok := annotation(OriginService, s.resource, annotationType)
	switch {
	case !ok:
		return ManagerNone
	case !kind.Known:
		return ManagerUnknown
	case kind.Is("nlb-ip"):
		return ManagerLBC
	case !kind.Is("external"):
		return ManagerNone
	}
	target, ok := annotation(OriginService, s.resource, annotationTargetType)
	switch {
	case ok && !target.Known:
		return ManagerUnknown
	case target.Is("ip"), target.Is("instance"):
		return ManagerLBC
	default:
		// external without a valid target type: nobody takes it.
		return ManagerOther
	}
}

// Classless answers whether nothing that is written on the Service chooses who
// makes its load balancer, so that the cluster decides.
func (s *Service) Classless() model.Tri {
	if s.resource.IsUnknown("spec", "loadBalancerClass") || s.resource.IsUnknown("spec", "type") {
		return model.Unknown
	}
	class := s.spec.LoadBalancerClass
	if s.Type() != corev1.ServiceTypeLoadBalancer || class != nil && *class != "" {
		return model.No
	}
	switch managerByAnnotation(s) {
	case ManagerNone:
		return model.Yes
	case ManagerUnknown:
		return model.Unknown
	default:
		return model.No
	}
}

// Scheme is whether the load balancer of a Service faces the internet. Its
// value is "internal" or "internet-facing" when known. Where the cluster
// decides who makes the load balancer, it is known if all would decide alike.
func (g *Graph) Scheme(s *Service) Setting {
	switch {
	case s.Manager.IsAWS(), s.Manager == ManagerLegacy:
		return g.schemeBy(s.Manager, s)
	case s.Manager == ManagerUnknown && s.Classless() == model.Yes:
		return g.schemeByAny(s)
	default:
		return unknownFrom(OriginDefault)
	}
}

func (g *Graph) schemeByAny(s *Service) Setting {
	out := g.schemeBy(ManagerLBC, s)
	for _, m := range []Manager{ManagerAutoMode, ManagerLegacy} {
		if other := g.schemeBy(m, s); !out.Known || !other.Is(out.Text()) {
			return unknownFrom(OriginDefault)
		}
	}
	return out
}

func (g *Graph) schemeBy(m Manager, s *Service) Setting {
	if m == ManagerLegacy {
		return legacyScheme(s)
	}
	return g.managedScheme(m, s)
}

func (g *Graph) managedScheme(m Manager, s *Service) Setting {
	if scheme, ok := annotation(OriginService, s.resource, annotationScheme); ok {
		return scheme
	}
	if internal, ok := annotation(OriginService, s.resource, annotationInternal); ok && m == ManagerLBC {
		return schemeOfInternal(internal, internal.Is("false"))
	}
	if flag, ok := g.controller.Flag("default-load-balancer-scheme"); ok && m == ManagerLBC {
		return fixed(OriginFlag, flag)
	}
	return fixed(OriginDefault, schemeInternal)
}

// legacyScheme: the cloud provider makes a public load balancer unless the
// annotation says otherwise:
// https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer
func legacyScheme(s *Service) Setting {
	internal, ok := annotation(OriginService, s.resource, annotationInternal)
	if !ok {
		return fixed(OriginDefault, schemeInternetFacing)
	}
	return schemeOfInternal(internal, internal.Is("false") || internal.Is(""))
}

// schemeOfInternal translates the boolean annotation to a scheme and keeps its place.
func schemeOfInternal(internal Setting, facing bool) Setting {
	if !internal.Known {
		return internal
	}
	scheme := schemeInternal
	if facing {
		scheme = schemeInternetFacing
	}
	internal.Value = &scheme
	return internal
}
