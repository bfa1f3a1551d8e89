package graph

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/model"
)

// IngressGroup is the set of Ingresses that become one Application Load
// Balancer. An Ingress without a group name is a group of its own.
type IngressGroup struct {
	name string
	// Explicit is set when the members name the group, so that there may be
	// members outside the input.
	Explicit bool
	// Members are in the controller's order: group.order, then namespace/name.
	Members []*Ingress
	// Ports are the listeners by port; PortsKnown is unset when the listeners
	// of a member are not known.
	Ports      []*Port
	PortsKnown bool
	// Scheme is the scheme that a member sets for all of them, else the default.
	Scheme Setting
	// Redirect is the effective ssl-redirect of the group.
	Redirect Setting
	// RedirectOf is the member whose class or annotation sets Redirect.
	RedirectOf *Ingress
	// Redirects is Yes when Redirect names an HTTPS listener of the group.
	Redirects model.Tri
	// Conflicts are the settings in which members contradict each other.
	Conflicts []Conflict
	// Shadowed are the rules that can never match.
	Shadowed []Shadow
}

// Port is one listener of a group.
type Port struct {
	Port int
	// Protocols maps each protocol asked for to the members that ask for it.
	HTTP, HTTPS []*Ingress
	// Certificate is No when no member that listens on the port as HTTPS has
	// any source of a certificate.
	Certificate model.Tri
	// Plain are the backends that forward to targets over plain HTTP.
	Plain []Rule
}

// Ref implements Object.
func (g *IngressGroup) Ref() model.Ref {
	return model.Ref{Group: model.GroupDerived, Kind: model.KindIngressGroup.Kind, Name: g.name}
}

// Resource implements Object: the first member stands for the group.
func (g *IngressGroup) Resource() *model.Resource { return g.Members[0].resource }

// addGroups puts the Ingresses of some namespaces into groups, and returns
// these. Groups that were there before are copied, because they may belong to
// another graph.
func (g *Graph) addGroups(namespaces []string) []*IngressGroup {
	added := map[string]*IngressGroup{}
	for _, o := range g.objectsIn("Ingress", namespaces) {
		i, ok := o.(*Ingress)
		if !ok || !i.Manager.IsAWS() {
			continue
		}
		name, explicit, known := g.groupName(i)
		if !known {
			continue
		}
		group := added[name]
		if group == nil {
			group = &IngressGroup{name: name, Explicit: explicit}
			if before, ok := g.groups.Get(name); ok {
				group.Members = slices.Clone(before.Members)
			}
			g.groups.Set(name, group)
			added[name] = group
		}
		group.Members = append(group.Members, i)
		i.Group = group
		if sh := g.shard(i.Ref().Namespace); !slices.Contains(sh.groups, name) {
			sh.groups = append(sh.groups, name)
		}
	}
	return slices.Collect(maps.Values(added))
}

// groupName returns the key of the Ingress's group. Explicit names of the two
// controllers are different groups. Auto Mode ignores the annotation:
// https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html
func (g *Graph) groupName(i *Ingress) (name string, explicit, known bool) {
	s, ok := i.paramsSetting("group.name")
	if !ok && i.Manager == ManagerLBC {
		s, ok = annotation(OriginIngress, i.resource, ingressPrefix+"group.name")
	}
	switch {
	case !ok:
		return i.Ref().NamespacedName(), false, true
	case !s.Known, s.Text() == "": // the controller refuses an empty name
		return "", true, false
	case i.Manager == ManagerAutoMode:
		return "auto-mode:" + s.Text(), true, true
	default:
		return s.Text(), true, true
	}
}

func (g *Graph) completeGroup(group *IngressGroup) {
	slices.SortFunc(group.Members, func(a, b *Ingress) int {
		return cmp.Or(cmp.Compare(a.order(), b.order()), cmp.Compare(a.Ref().NamespacedName(), b.Ref().NamespacedName()))
	})
	group.Scheme = g.mergeScheme(group)
	g.mergePorts(group)
	g.mergeRedirect(group)
	for _, m := range group.Members {
		m.markBuilt(group)
	}
	g.findPlain(group)
	group.Conflicts = g.conflicts(group)
	group.Shadowed = shadows(group)
}

// mergeScheme: one load balancer has one scheme, and the members that leave it
// out follow those that set it (pkg/ingress/model_build_load_balancer.go).
func (g *Graph) mergeScheme(group *IngressGroup) Setting {
	out := g.ownSetting(group.Members[0], "scheme")
	for _, m := range group.Members {
		switch s := g.ownSetting(m, "scheme"); {
		case s.IsSet() && s.Known:
			return s
		case s.IsSet():
			out = s
		}
	}
	return out
}

// order is the member's group.order; the controller's default is 0.
func (i *Ingress) order() int64 {
	n, err := strconv.ParseInt(i.Annotation("group.order").Text(), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (g *Graph) mergePorts(group *IngressGroup) {
	group.PortsKnown = true
	byPort := map[int]*Port{}
	for _, m := range group.Members {
		group.PortsKnown = group.PortsKnown && m.ListenersKnown
		for _, l := range m.Listeners {
			p := byPort[l.Port]
			if p == nil {
				p = &Port{Port: l.Port}
				byPort[l.Port] = p
				group.Ports = append(group.Ports, p)
			}
			if l.Protocol == protocolHTTPS {
				p.HTTPS = append(p.HTTPS, m)
			} else {
				p.HTTP = append(p.HTTP, m)
			}
		}
	}
	slices.SortFunc(group.Ports, func(a, b *Port) int { return cmp.Compare(a.Port, b.Port) })
	for _, p := range group.Ports {
		p.Certificate = model.No
		for _, m := range p.HTTPS {
			p.Certificate = p.Certificate.Or(g.certificate(m))
		}
	}
}

// certificate answers whether a member has any source of a certificate:
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/cert_discovery/
func (g *Graph) certificate(i *Ingress) model.Tri {
	if i.hasHosts() || i.resource.IsUnknown("spec", "tls") || i.resource.IsUnknown("spec", "rules") {
		return model.Yes
	}
	// A certificate that the controller is to create needs a host as well.
	return g.namesCertificate(i)
}

// Listener returns the port of the group, or nil.
func (g *IngressGroup) Listener(port int) *Port {
	for _, p := range g.Ports {
		if p.Port == port {
			return p
		}
	}
	return nil
}

func (g *Graph) mergeRedirect(group *IngressGroup) {
	group.Redirect, group.Redirects = unset(), model.No
	for _, m := range group.Members {
		s := g.Setting(m, "ssl-redirect")
		if s.Known && s.Value == nil {
			continue
		}
		group.Redirect, group.RedirectOf = s, m
		break
	}
	switch port, err := strconv.Atoi(group.Redirect.Text()); {
	case group.RedirectOf == nil:
	case !group.Redirect.Known || !group.PortsKnown:
		group.Redirects = model.Unknown
	case err == nil:
		p := group.Listener(port)
		group.Redirects = model.TriOf(p != nil && len(p.HTTPS) > 0)
	}
	if group.Redirects == model.No && group.Explicit && g.hidesMembers() {
		group.Redirects = model.Unknown
	}
}

// hidesMembers reports whether something that is not read may add an Ingress to a group that
// others join by its name. It is taken to be what may add an IngressClass, as no domain is
// of Ingresses alone.
func (g *Graph) hidesMembers() bool {
	_, is := g.snapshot.Obscured(model.IngressClasses, "")
	return is
}

// markBuilt notes that the controller makes no listener rules on an HTTP
// listener once the group redirects to HTTPS
// (pkg/ingress/model_build_listener_rules.go).
func (i *Ingress) markBuilt(group *IngressGroup) {
	if !i.ListenersKnown {
		return
	}
	for _, l := range i.Listeners {
		if l.Protocol == protocolHTTPS {
			return
		}
	}
	for _, b := range i.Backends {
		b.Built = group.Redirects.Not()
	}
}

// widens reports whether the conditions of a backend may let its rules match
// more than host and path say: the controller adds the hosts and paths of
// conditions to those of the rule (pkg/ingress/model_build_listener_rules.go).
func (i *Ingress) widens(name string) bool {
	s := i.Annotation("conditions." + name)
	if s.Value == nil {
		return !s.Known
	}
	conditions, issues := lbc.ParseConditions(*s.Value)
	return lbc.Refused(issues) || slices.ContainsFunc(conditions, func(c lbc.Condition) bool {
		return c.Field == lbc.FieldHostHeader || c.Field == lbc.FieldPathPattern
	})
}

// hasConditions reports whether an annotation narrows the rules of a backend
// beyond host and path.
func (i *Ingress) hasConditions(name string) bool {
	_, ok := i.resource.Object.GetAnnotations()[ingressPrefix+"conditions."+name]
	return ok || i.resource.IsUnknown("metadata", "annotations", ingressPrefix+"conditions."+name)
}
