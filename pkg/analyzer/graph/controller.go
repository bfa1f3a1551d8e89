package graph

import (
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Names by which the controllers know their objects:
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/ingress_class/
// https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html
const (
	lbcIngressController      = "ingress.k8s.aws/alb"
	autoModeIngressController = "eks.amazonaws.com/alb"
	lbcServiceClass           = "service.k8s.aws/nlb"
	autoModeServiceClass      = "eks.amazonaws.com/nlb"
	// lbcServiceWebhook sets the class on new Services of type LoadBalancer.
	lbcServiceWebhook = "mservice.elbv2.k8s.aws"
	autoModeGroup     = "eks.amazonaws.com"
)

// Controller is what a cluster shows of its load-balancer controllers.
type Controller struct {
	// Deployment is the AWS Load Balancer Controller's own workload, if it is
	// in the input; Flags are then its arguments.
	Deployment *Workload
	Flags      map[string]string
	// Newer is set when the image tag shows a release after the one whose
	// annotations package lbc knows.
	Newer bool
	// FlagsKnown is set when the workload is there and every argument is literal.
	FlagsKnown bool
	// AutoMode is Yes when an object that only EKS Auto Mode reads is there.
	AutoMode model.Tri
	// ServiceWebhook is Yes when the controller's webhook for Services is
	// registered, No when the controller is there with the webhook switched off.
	ServiceWebhook model.Tri
}

// Flag returns the value of a controller flag, and whether the input sets it.
func (c Controller) Flag(name string) (string, bool) {
	v, ok := c.Flags[name]
	return v, ok
}

// createsCertificates answers whether create-acm-cert has an effect. It needs a
// feature gate, which is off unless a flag opens it:
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/certificate_management/
func (c Controller) createsCertificates() model.Tri {
	gates, _ := c.Flag("feature-gates")
	switch {
	case strings.Contains(gates, "EnableCertificateManagement=true"):
		return model.Yes
	case c.FlagsKnown:
		return model.No
	default:
		return model.Unknown
	}
}

// adoptsClassless reports whether the controller takes Ingresses without a
// class: its flag ingress-class is there and empty
// (pkg/ingress/group_loader.go).
func (c Controller) adoptsClassless() bool {
	class, set := c.Flag("ingress-class")
	return set && class == ""
}

func controllerOf(s *model.Snapshot, g *Graph) Controller {
	c := Controller{Flags: map[string]string{}, AutoMode: autoMode(s), ServiceWebhook: serviceWebhook(s)}
	for _, o := range g.Objects(KindWorkload) {
		w, ok := o.(*Workload)
		if ok && c.read(w) {
			break
		}
	}
	if c.FlagsKnown && c.Flags["enable-service-mutator-webhook"] == "false" {
		c.ServiceWebhook = model.No
	}
	return c
}

// read takes the arguments of the workload if it runs the controller.
func (c *Controller) read(w *Workload) bool {
	spec := w.PodSpec()
	if spec == nil {
		return false
	}
	for _, container := range spec.Containers {
		if !strings.Contains(container.Image, "aws-load-balancer-controller") &&
			!strings.Contains(container.Image, "aws-alb-ingress-controller") {
			continue
		}
		c.Deployment = w
		c.Newer = newer(container.Image)
		c.FlagsKnown = !w.holder.IsUnknown(w.PathTo("spec", "containers")...)
		for _, arg := range container.Args {
			name, value, found := strings.Cut(strings.TrimLeft(arg, "-"), "=")
			if !found {
				value = "true"
			}
			c.Flags[name] = value
		}
		return true
	}
	return false
}

// newer reports whether the tag of an image is a release after lbc.Version.
func newer(image string) bool {
	_, tag, found := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	if !found {
		return false
	}
	got, err := version.ParseSemantic(tag)
	return err == nil && version.MustParseSemantic(lbc.Version).LessThan(got)
}

func autoMode(s *model.Snapshot) model.Tri {
	for _, gk := range s.Kinds() {
		if gk.Group == autoModeGroup {
			return model.Yes
		}
	}
	if config, _ := clusterConfigOf(s); config != nil && config.AutoModeConfig != nil && config.AutoModeConfig.Enabled != nil && *config.AutoModeConfig.Enabled {
		return model.Yes
	}
	for _, r := range s.All(model.KindNodePool) {
		if nodePoolClass(r).Group == autoModeGroup {
			return model.Yes
		}
	}
	for _, r := range s.All(model.KindIngressClass) {
		if class, ok := r.Object.(*networkingv1.IngressClass); ok && class.Spec.Controller == autoModeIngressController {
			return model.Yes
		}
	}
	if s.Scope().Complete {
		return model.No
	}
	return model.Unknown
}

func serviceWebhook(s *model.Snapshot) model.Tri {
	for _, r := range s.All(model.KindMutatingWebhookConfiguration) {
		config, ok := r.Object.(*admissionv1.MutatingWebhookConfiguration)
		if !ok {
			continue
		}
		for _, hook := range config.Webhooks {
			if hook.Name == lbcServiceWebhook {
				return model.Yes
			}
		}
	}
	if s.Scope().Complete {
		return model.No
	}
	return model.Unknown
}

// Manager says which controller acts on an Ingress or a Service.
type Manager uint8

// The managers. The zero value means that the input does not tell.
const (
	ManagerUnknown Manager = iota
	// ManagerNone means that no controller acts on the object.
	ManagerNone
	// ManagerLBC is the AWS Load Balancer Controller.
	ManagerLBC
	// ManagerAutoMode is EKS Auto Mode.
	ManagerAutoMode
	// ManagerLegacy is the in-tree AWS cloud provider.
	ManagerLegacy
	// ManagerOther is any controller that ekslint does not judge.
	ManagerOther
)

var managerNames = [...]string{"unknown", "none", "lbc", "auto-mode", "legacy", "other"}

// String is the word by which rules and reports know the manager: lbc,
// auto-mode, legacy, other, none or unknown.
func (m Manager) String() string { return managerNames[m] }

// MarshalText implements encoding.TextMarshaler with the words of String.
func (m Manager) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// IsAWS reports whether the object becomes a load balancer by the AWS Load
// Balancer Controller or by EKS Auto Mode.
func (m Manager) IsAWS() bool { return m == ManagerLBC || m == ManagerAutoMode }
