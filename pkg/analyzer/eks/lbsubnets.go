package eks

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// The tags by which the controllers find subnets:
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/
const (
	tagPublic  = "kubernetes.io/role/elb"
	tagPrivate = "kubernetes.io/role/internal-elb"
	tagCluster = "kubernetes.io/cluster/"
)

// LoadBalancerAddresses is how many free addresses a subnet needs for a load
// balancer:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer
const LoadBalancerAddresses = 8

// addFronts adds the interfaces of a load balancer, and says when it cannot be
// made.
func (c *Cluster) addFronts(lb *LoadBalancer, given graph.Setting, groups vpc.Groups) {
	lb.Subnets = given
	subnets, why := c.frontSubnets(lb, given)
	lb.FrontsUnknown = why
	for _, s := range subnets {
		lb.Fronts = append(lb.Fronts, vpc.Side{Name: "the " + lb.Title, Addresses: s.Ranges(vpc.IPv4), Subnet: s, Groups: groups})
	}
	if why == "" {
		lb.Refused = refused(lb.Kind == ALB && !c.gate("ALBSingleSubnet=true"), subnets)
	}
}

// refused says why a load balancer cannot have some subnets: it has one of a zone
// and, as an Application Load Balancer, those of two availability zones. In a local
// zone it has one.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#availability-zones
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#availability-zones
func refused(needsTwo bool, subnets []*vpc.Subnet) string {
	if len(subnets) == 0 {
		return "no subnet of the VPC fits it"
	}
	zones, taken := map[string]bool{}, map[string]bool{}
	for _, s := range subnets {
		zone, known := s.AvailabilityZone.Get()
		needsTwo = needsTwo && !localZone.MatchString(zone)
		switch {
		case !known:
			return ""
		case s.ID != "" && taken[zone]:
			return "two of its subnets lie in zone " + zone
		}
		zones[zone] = true
		taken[zone] = taken[zone] || s.ID != "" // without one it is perhaps not chosen
	}
	if needsTwo && len(zones) < 2 {
		return "its subnets lie in one zone, and it needs two"
	}
	return ""
}

// localZone is the name of a local or Wavelength zone, which goes on behind the
// number of its region, as in us-west-2-lax-1a.
var localZone = regexp.MustCompile(`-\d+-`)

func (c *Cluster) frontSubnets(lb *LoadBalancer, given graph.Setting) ([]*vpc.Subnet, string) {
	names := lbc.StringList(given.Text())
	switch {
	case !given.Known:
		return nil, "the subnets of the load balancer are not known"
	case len(names) > 0:
		return c.namedSubnets(names)
	case c.VPC == nil:
		return nil, "the VPC of the cluster is not known"
	case len(c.VPC.Subnets) == 0 || !c.ShowsSubnets(c.VPC):
		return nil, "the input may not show every subnet of the VPC"
	case !lb.Scheme.Known:
		return nil, "the scheme of the load balancer is not known"
	case slices.ContainsFunc(c.Network.Subnets(), func(s *vpc.Subnet) bool { return s.Conditional != "" && c.mayHold(s.VPC) }):
		return nil, "some subnets may not be made"
	case slices.ContainsFunc(c.VPC.Subnets, func(s *vpc.Subnet) bool { return s.Tags.Missing != "" }):
		return nil, "the tags of the VPC's subnets are not all known"
	}
	if tags := c.wantedTags(given); len(tags) > 0 {
		return c.taggedSubnets(tags)
	}
	return c.discovered(lb)
}

// taggedSubnets are those of the VPC that have every tag which IngressClassParams
// name, each with one of its values, and do not belong to another cluster; one of
// each zone.
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/ingress_class/#specsubnets
func (c *Cluster) taggedSubnets(tags map[string][]string) (out []*vpc.Subnet, why string) {
	for _, s := range c.VPC.Subnets {
		match := c.shared(s)
		for key, values := range tags {
			tag, found := s.Tags.Get(key)
			if len(values) > 0 {
				found = found.And(tag.Is(func(value string) bool { return slices.Contains(values, value) }))
			}
			match = match.And(found)
		}
		switch match {
		case model.Yes:
			out = append(out, s)
		case model.Unknown:
			why = cmp.Or(why, "whether the load balancer uses subnet "+s.Title()+" is not known")
		case model.No:
		}
	}
	return c.onePerZone(out), why
}

// wantedTags are those by which IngressClassParams choose subnets, if they do.
func (c *Cluster) wantedTags(given graph.Setting) map[string][]string {
	if given.Origin != graph.OriginParams || given.Ref == nil {
		return nil
	}
	params, ok := c.Graph.Snapshot().Get(*given.Ref).Object.(*model.IngressClassParams)
	if !ok || params.Spec.Subnets == nil {
		return nil
	}
	out := map[string][]string{}
	maps.Copy(out, params.Spec.Subnets.Tags)
	for _, t := range params.Spec.Subnets.MatchTags {
		out[t.Key] = t.Values
	}
	return out
}

func (c *Cluster) namedSubnets(names []string) (out []*vpc.Subnet, why string) {
	for _, name := range names {
		before := len(out)
		for _, s := range c.Network.Subnets() {
			tag, _ := s.Tags.Get("Name")
			if text, known := tag.Get(); s.ID == name || known && text == name && !strings.HasPrefix(name, "subnet-") && c.mayHold(s.VPC) {
				out = append(out, s)
			}
		}
		switch len(out) - before {
		case 0:
			why = "the input does not show subnet " + name
		case 1:
		default:
			why = "several subnets have the name " + name
		}
	}
	return out, why
}

// mayHold reports whether a VPC is that of the cluster, as far as is known.
func (c *Cluster) mayHold(v *vpc.VPC) bool { return v == nil || c.VPC == nil || v == c.VPC }

// gate reports whether the controller's arguments set a feature gate:
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/configurations/#feature-gates
func (c *Cluster) gate(setting string) bool {
	gates, _ := c.Graph.Controller().Flag("feature-gates")
	return slices.Contains(lbc.StringList(gates), setting)
}

// discovered follows the controller: the subnets of the VPC with the role's tag
// or, where none has it, those whose routes fit the scheme; none that belong to
// other clusters; one of each zone. A feature gate keeps it from looking at routes.
func (c *Cluster) discovered(lb *LoadBalancer) ([]*vpc.Subnet, string) {
	public := lb.Scheme.Is("internet-facing")
	role := map[bool]string{true: tagPublic, false: tagPrivate}[public]
	tagged := model.TriOf(c.gate("SubnetDiscoveryByReachability=false"))
	for _, s := range c.VPC.Subnets {
		tagged = tagged.Or(hasRole(s, role))
	}
	if tagged == model.No && lb.manager == graph.ManagerAutoMode {
		return nil, "whether EKS Auto Mode takes subnets without the tag " + role + " is not known"
	}
	why := ""
	var out []*vpc.Subnet
	for _, s := range c.VPC.Subnets {
		fits := hasRole(s, role)
		switch tagged {
		case model.No:
			if fits = c.Network.Public(s); !public {
				fits = fits.Not()
			}
		case model.Unknown:
			fits = model.Unknown
		case model.Yes:
		}
		fits = fits.And(c.shared(s)).And(s.FreeIPs.Is(func(n int) bool { return n >= LoadBalancerAddresses }).Or(unknownFree(s)))
		switch fits {
		case model.Yes:
			out = append(out, s)
		case model.Unknown:
			why = cmp.Or(why, "whether the load balancer uses subnet "+s.Title()+" is not known")
		case model.No:
		}
	}
	return c.onePerZone(out), why
}

// unknownFree lets a subnet pass of which nothing says how full it is.
func unknownFree(s *vpc.Subnet) model.Tri {
	_, known := s.FreeIPs.Get()
	return model.TriOf(!known)
}

// hasRole answers whether a subnet carries a role's tag, whose value is 1 or
// empty.
func hasRole(s *vpc.Subnet, role string) model.Tri {
	tag, found := s.Tags.Get(role)
	return found.And(tag.Is(func(value string) bool { return value == "1" || value == "" }))
}

// shared answers whether a subnet may be used by the cluster: it has the tag of
// this one, or that of none.
func (c *Cluster) shared(s *vpc.Subnet) model.Tri {
	name, known := "", false
	if c.Config != nil {
		name, known = c.Config.ClusterName.Get()
	}
	others := false
	for key := range s.Tags.Values {
		owner, isOwned := strings.CutPrefix(key, tagCluster)
		if isOwned && known && owner == name {
			return model.Yes
		}
		others = others || isOwned
	}
	if others && !known {
		return model.Unknown
	}
	return model.TriOf(!others)
}

// onePerZone keeps the subnet of each zone that the controller takes: one with
// the tag of the cluster before others, then the lowest identifier. Subnets
// without an identifier are all kept, as one of them is it.
func (c *Cluster) onePerZone(subnets []*vpc.Subnet) []*vpc.Subnet {
	name := ""
	if c.Config != nil {
		name, _ = c.Config.ClusterName.Get()
	}
	own := func(s *vpc.Subnet) int {
		if _, ok := s.Tags.Values[tagCluster+name]; ok && name != "" {
			return 0
		}
		return 1
	}
	best := map[string]*vpc.Subnet{}
	var out []*vpc.Subnet
	for _, s := range subnets {
		zone, known := s.AvailabilityZone.Get()
		first := best[zone]
		if !known || s.ID == "" {
			out = append(out, s)
			continue
		}
		if first == nil || own(s) < own(first) || own(s) == own(first) && s.ID < first.ID {
			best[zone] = s
		}
	}
	for _, s := range best {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *vpc.Subnet) int { return cmp.Compare(slices.Index(subnets, a), slices.Index(subnets, b)) })
	return out
}
