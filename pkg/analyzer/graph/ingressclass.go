package graph

import (
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// annotationDefaultClass marks the default class; only the exact text "true" counts:
// https://kubernetes.io/docs/concepts/services-networking/ingress/#default-ingress-class
const annotationDefaultClass = "ingressclass.kubernetes.io/is-default-class"

// annotationIngressClass is the deprecated way to name a class:
// https://kubernetes.io/docs/concepts/services-networking/ingress/#deprecated-annotation
const annotationIngressClass = "kubernetes.io/ingress.class"

// kindALBConfig is the kind of the parameters that Alibaba Cloud's classes name.
var kindALBConfig = model.GroupKind{Group: "alibabacloud.com", Kind: "AlbConfig"}

// Class is an IngressClass with its parameters.
type Class struct {
	resource *model.Resource
	spec     networkingv1.IngressClassSpec
	// Default is set when the class takes Ingresses that name none.
	Default bool
	// HasParams is No when the class names no parameters, Yes when they are in
	// the input, Unknown when they are named and not there.
	HasParams model.Tri
	params    *model.Resource
}

// Ref implements Object.
func (c *Class) Ref() model.Ref { return c.resource.Ref }

// Resource implements Object.
func (c *Class) Resource() *model.Resource { return c.resource }

// Manager is the controller that the class belongs to.
func (c *Class) Manager() Manager {
	switch {
	case c.resource.IsUnknown("spec", "controller"):
		return ManagerUnknown
	case c.spec.Controller == lbcIngressController:
		return ManagerLBC
	case c.spec.Controller == autoModeIngressController:
		return ManagerAutoMode
	default:
		return ManagerOther
	}
}

// Params is the IngressClassParams resource of the class, or nil.
func (c *Class) Params() *model.Resource { return c.params }

// paramsSpec is the specification of the parameters, or nil.
func (c *Class) paramsSpec() *model.IngressClassParamsSpec {
	if c == nil || c.params == nil {
		return nil
	}
	if p, ok := c.params.Object.(*model.IngressClassParams); ok {
		return &p.Spec
	}
	return nil
}

func (g *Graph) addClasses() {
	for _, r := range g.snapshot.All(model.KindIngressClass) {
		object, ok := r.Object.(*networkingv1.IngressClass)
		if !ok {
			continue
		}
		c := &Class{
			resource:  r,
			spec:      object.Spec,
			Default:   object.Annotations[annotationDefaultClass] == "true",
			HasParams: model.No,
		}
		g.resolveParams(c)
		g.classes = append(g.classes, c)
		g.shard("").add("IngressClass", c)
	}
}

func (g *Graph) resolveParams(c *Class) {
	p := c.spec.Parameters
	if c.resource.IsUnknown("spec", "parameters") {
		c.HasParams = model.Unknown
		return
	}
	if p == nil {
		return
	}
	c.HasParams = model.Unknown
	if p.APIGroup == nil {
		return
	}
	ref := model.Ref{Group: *p.APIGroup, Kind: p.Kind, Name: p.Name}
	if r := g.snapshot.Get(ref); r != nil {
		c.params, c.HasParams = r, model.Yes
	}
}

// class returns the IngressClass of that name, or nil.
func (g *Graph) class(name string) *Class {
	for _, c := range g.classes {
		if c.Ref().Name == name {
			return c
		}
	}
	return nil
}

// defaultClasses returns the classes marked as default.
func (g *Graph) defaultClasses() []*Class {
	var out []*Class
	for _, c := range g.classes {
		if c.Default {
			out = append(out, c)
		}
	}
	return out
}

// classify decides who manages the Ingress, in the order of the controller's
// pkg/ingress/group_loader.go: the annotation, if its key exists, beats
// spec.ingressClassName.
func (g *Graph) classify(i *Ingress) {
	if value, ok := annotation(OriginIngress, i.resource, annotationIngressClass); ok {
		i.ByAnnotation = true
		i.Manager = g.managerOfAnnotation(value)
		i.Assumed = g.onlyAutoMode()
		return
	}
	switch {
	case i.resource.IsUnknown("spec", "ingressClassName"):
		i.Manager = ManagerUnknown
	case i.spec.IngressClassName != nil:
		g.classifyByName(i, *i.spec.IngressClassName)
	default:
		g.classifyByDefault(i)
	}
}

func (g *Graph) managerOfAnnotation(value Setting) Manager {
	want, flagged := g.controller.Flag("ingress-class")
	switch {
	case !value.Known:
		return ManagerUnknown
	case value.Is("alb") && (!flagged || want == "" || want == "alb"),
		flagged && value.Is(want):
		return ManagerLBC
	default:
		return ManagerOther
	}
}

func (g *Graph) classifyByName(i *Ingress, name string) {
	if c := g.class(name); c != nil {
		i.Class, i.Manager = c, c.Manager()
		return
	}
	if g.otherCloud() {
		i.Manager = ManagerOther
		return
	}
	if name == "alb" || i.hasALBAnnotation() {
		i.Manager, i.Assumed = ManagerLBC, true
		if g.controller.AutoMode == model.Yes {
			i.Manager = ManagerAutoMode
		}
		return
	}
	i.Manager = ManagerUnknown
}

func (g *Graph) classifyByDefault(i *Ingress) {
	defaults := g.defaultClasses()
	switch {
	case len(defaults) > 1 || g.mayHaveDefault():
		i.Manager = ManagerUnknown
	case len(defaults) == 1:
		i.Class, i.Manager = defaults[0], defaults[0].Manager()
	case g.controller.adoptsClassless():
		i.Manager = ManagerLBC
	case len(g.classes) > 0:
		i.Manager = ManagerNone
	default:
		i.Manager = ManagerUnknown
	}
}

// classless reports whether the Ingress certainly names no class.
func (i *Ingress) classless() bool {
	_, named := annotation(OriginIngress, i.resource, annotationIngressClass)
	return !named && i.spec.IngressClassName == nil && !i.resource.IsUnknown("spec", "ingressClassName")
}

// mayHaveDefault reports whether it is not known of a class if it is the default.
func (g *Graph) mayHaveDefault() bool {
	return slices.ContainsFunc(g.classes, func(c *Class) bool {
		s, ok := annotation(OriginIngress, c.resource, annotationDefaultClass)
		return ok && !s.Known
	})
}

// onlyAutoMode reports whether EKS Auto Mode is there and no sign of the AWS
// Load Balancer Controller.
func (g *Graph) onlyAutoMode() bool {
	return g.controller.AutoMode == model.Yes && g.controller.Deployment == nil &&
		!slices.ContainsFunc(g.classes, func(c *Class) bool { return c.Manager() == ManagerLBC })
}

// otherCloud reports whether the cluster has the configuration of Alibaba
// Cloud's controller, which reads annotations with the same prefix:
// https://www.alibabacloud.com/help/en/ack/serverless-kubernetes/user-guide/advanced-alb-ingress-settings
func (g *Graph) otherCloud() bool { return len(g.snapshot.All(kindALBConfig)) > 0 }

func (i *Ingress) hasALBAnnotation() bool {
	for key := range i.resource.Object.GetAnnotations() {
		if strings.HasPrefix(key, ingressPrefix) {
			return true
		}
	}
	return false
}
