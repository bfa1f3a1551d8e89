package graph

import (
	"strconv"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// ingressPrefix begins every annotation that the controllers read from an Ingress.
const ingressPrefix = "alb.ingress.kubernetes.io/"

// Ingress is an Ingress with its class, its backends and its load balancer.
type Ingress struct {
	resource *model.Resource
	spec     networkingv1.IngressSpec
	// Manager is the controller that acts on it; Assumed is set when that
	// rests on a name, because the class is not in the input.
	Manager Manager
	Assumed bool
	// ByAnnotation is set when the deprecated class annotation decides. Such
	// an Ingress has no IngressClassParams.
	ByAnnotation bool
	// Class is the IngressClass in the input, or nil.
	Class *Class
	// Group is the load balancer that the Ingress becomes part of; nil unless
	// an AWS controller manages it.
	Group *IngressGroup
	// Backends are what its rules forward to, the default backend first, then
	// in the order of the file.
	Backends []*Backend
	// Listeners are the ports of the load balancer that the Ingress asks for;
	// ListenersKnown is unset when the input does not fix them.
	Listeners      []Listener
	ListenersKnown bool
}

// Ref implements Object.
func (i *Ingress) Ref() model.Ref { return i.resource.Ref }

// Resource implements Object.
func (i *Ingress) Resource() *model.Resource { return i.resource }

// Spec is the specification. It is shared and must not be changed.
func (i *Ingress) Spec() *networkingv1.IngressSpec { return &i.spec }

// Key is the annotation's full key by its suffix.
func (i *Ingress) Key(suffix string) string { return ingressPrefix + suffix }

// Annotation returns the setting that the Ingress's own annotation gives, by
// its suffix; its origin is OriginNone when the annotation is not there.
func (i *Ingress) Annotation(suffix string) Setting {
	if s, ok := annotation(OriginIngress, i.resource, ingressPrefix+suffix); ok {
		return s
	}
	return unset()
}

// RegexPath reports whether the controller reads the path of the backend as a
// regular expression: use-regex-path-match asks for that, and it concerns paths
// of the type ImplementationSpecific only
// (pkg/ingress/model_build_listener_rules.go).
func (i *Ingress) RegexPath(b *Backend) (regex, known bool) {
	s := i.Annotation("use-regex-path-match")
	specific := b.PathType == "" || b.PathType == networkingv1.PathTypeImplementationSpecific
	return specific && isTrue(s), !specific || s.Known
}

// Setting returns the effective value of a load-balancer setting by its
// annotation suffix: IngressClassParams first, then the annotation, then the
// controller's flag and default. The scheme is that of the load balancer, which
// another member of the group may have set.
func (g *Graph) Setting(i *Ingress, suffix string) Setting {
	s := g.ownSetting(i, suffix)
	if suffix == "scheme" && i.Group != nil && !s.IsSet() {
		return i.Group.Scheme
	}
	return s
}

// ownSetting is the value that the Ingress alone asks for.
func (g *Graph) ownSetting(i *Ingress, suffix string) Setting {
	if s, ok := i.paramsSetting(suffix); ok {
		return s
	}
	if s, ok := annotation(OriginIngress, i.resource, ingressPrefix+suffix); ok {
		return s
	}
	return g.defaultSetting(i, suffix)
}

// paramsSetting returns what IngressClassParams fixes. Parameters that are
// named but not in the input may fix anything that parameters can.
func (i *Ingress) paramsSetting(suffix string) (Setting, bool) {
	read, known := paramsFields[suffix]
	if !known || i.Class == nil || i.ByAnnotation || i.Class.HasParams == model.No {
		return Setting{}, false
	}
	spec := i.Class.paramsSpec()
	if spec == nil {
		return unknownFrom(OriginParams), true
	}
	value, path, ok := read(spec)
	if !ok {
		return Setting{}, false
	}
	return written(OriginParams, i.Class.params, value, append([]string{"spec"}, path...)...), true
}

// defaultSetting: the controller's defaults are those of its documentation,
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
// and its flags of pkg/config/controller_config.go; Auto Mode targets pods by
// default: https://docs.aws.amazon.com/eks/latest/userguide/auto-networking.html
func (g *Graph) defaultSetting(i *Ingress, suffix string) Setting {
	flag := map[string]string{
		"target-type": "default-target-type",
		"scheme":      "default-load-balancer-scheme",
		"ssl-policy":  "default-ssl-policy",
	}[suffix]
	if flag != "" && i.Manager == ManagerLBC {
		if value, ok := g.controller.Flag(flag); ok {
			return fixed(OriginFlag, value)
		}
		if g.hidesController() {
			return unknownFrom(OriginFlag)
		}
	}
	switch {
	case suffix == "scheme":
		return fixed(OriginDefault, schemeInternal)
	case suffix == "target-type" && i.Manager == ManagerAutoMode:
		return fixed(OriginDefault, "ip")
	case suffix == "target-type":
		return fixed(OriginDefault, "instance")
	default:
		return unset()
	}
}

// hidesController reports whether something that is not read may hold the controller, with
// its flags.
func (g *Graph) hidesController() bool {
	_, is := g.snapshot.Obscured(model.Workloads, metav1.NamespaceSystem)
	return is && g.controller.Deployment == nil
}

// paramsFields reads the fields of IngressClassParams that override an
// annotation, by the annotation's suffix.
var paramsFields = map[string]func(*model.IngressClassParamsSpec) (value string, path []string, ok bool){
	"scheme": func(s *model.IngressClassParamsSpec) (string, []string, bool) {
		return pointed(s.Scheme, "scheme")
	},
	"ip-address-type": func(s *model.IngressClassParamsSpec) (string, []string, bool) {
		return pointed(s.IPAddressType, "ipAddressType")
	},
	"group.name": func(s *model.IngressClassParamsSpec) (string, []string, bool) {
		if s.Group == nil {
			return "", nil, false
		}
		return s.Group.Name, []string{"group", "name"}, true
	},
	"target-type": func(s *model.IngressClassParamsSpec) (string, []string, bool) {
		return nonEmpty(s.TargetType, "targetType")
	},
	"load-balancer-name": func(s *model.IngressClassParamsSpec) (string, []string, bool) {
		return nonEmpty(s.LoadBalancerName, "loadBalancerName")
	},
	"ssl-policy": func(s *model.IngressClassParamsSpec) (string, []string, bool) {
		return nonEmpty(s.SSLPolicy, "sslPolicy")
	},
	"ssl-redirect": func(s *model.IngressClassParamsSpec) (string, []string, bool) {
		// A text that is no number switches the redirect off, as if absent.
		if _, err := strconv.Atoi(s.SSLRedirectPort); err != nil {
			return "", nil, false
		}
		return nonEmpty(s.SSLRedirectPort, "sslRedirectPort")
	},
	"certificate-arn": func(s *model.IngressClassParamsSpec) (string, []string, bool) {
		if len(s.CertificateARNs) > 0 {
			return joined(s.CertificateARNs, "certificateARNs")
		}
		return joined(s.CertificateArn, "certificateArn")
	},
	"inbound-cidrs": func(s *model.IngressClassParamsSpec) (string, []string, bool) {
		return joined(s.InboundCIDRs, "inboundCIDRs")
	},
	"security-group-prefix-lists": func(s *model.IngressClassParamsSpec) (string, []string, bool) {
		return joined(s.PrefixListsIDs, "prefixListsIDs")
	},
	"subnets": func(s *model.IngressClassParamsSpec) (string, []string, bool) {
		if s.Subnets == nil {
			return "", nil, false
		}
		return strings.Join(s.Subnets.IDs, ","), []string{"subnets"}, true
	},
	"wafv2-acl-arn": func(s *model.IngressClassParamsSpec) (string, []string, bool) {
		return nonEmpty(s.WAFv2ACLArn, "wafv2AclArn")
	},
	"wafv2-acl-name": func(s *model.IngressClassParamsSpec) (string, []string, bool) {
		return nonEmpty(s.WAFv2ACLName, "wafv2AclName")
	},
}

func pointed(v *string, field string) (value string, path []string, ok bool) {
	if v == nil {
		return "", nil, false
	}
	return *v, []string{field}, true
}

func nonEmpty(v, field string) (value string, path []string, ok bool) {
	return v, []string{field}, v != ""
}

func joined(v []string, field string) (value string, path []string, ok bool) {
	return strings.Join(v, ","), []string{field}, len(v) > 0
}

func (g *Graph) addIngresses(sh *shard) {
	for _, r := range g.snapshot.List(model.KindIngress, sh.name) {
		object, ok := r.Object.(*networkingv1.Ingress)
		if !ok {
			continue
		}
		i := &Ingress{resource: r, spec: object.Spec}
		g.classify(i)
		if i.Manager.IsAWS() {
			i.Listeners, i.ListenersKnown = g.listeners(i)
		}
		g.addBackends(i)
		sh.namespace.Ingresses = append(sh.namespace.Ingresses, i)
		sh.add("Ingress", i)
	}
}
