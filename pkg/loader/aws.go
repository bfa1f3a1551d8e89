package loader

import (
	"cmp"
	"path"
	"slices"

	"github.com/ekslint/ekslint/pkg/model"
)

// side is the AWS side of one cluster, or of those that nobody tells apart.
type side struct {
	// dir is the folder of the part that holds the EKS cluster, its file where the
	// folder holds several, empty when the side belongs to all.
	dir  string
	aws  *model.AWS
	used bool
}

// sides joins the parts that belong. There is one side unless several parts
// that are wholes have an EKS cluster; then each of these is a side, with what AWS
// itself tells, and the last side is what is left.
func sides(parts []*unit) []*side {
	var alone, told, rest []*unit
	for _, p := range parts {
		switch {
		case !p.isWhole:
			told = append(told, p)
		case len(p.aws.Clusters) > 0:
			alone = append(alone, p)
		default:
			rest = append(rest, p)
		}
	}
	if len(alone) < 2 {
		return []*side{{aws: joined(parts)}}
	}
	inDir := map[string]int{}
	for _, p := range alone {
		inDir[path.Dir(p.at)]++
	}
	var out []*side
	for _, p := range alone {
		s := &side{dir: path.Dir(p.at), aws: joined(append([]*unit{p}, told...))}
		if inDir[s.dir] > 1 {
			s.dir = p.at
		}
		out = append(out, s)
	}
	if len(rest) > 0 {
		out = append(out, &side{dir: path.Dir(rest[0].at), aws: joined(append(rest, told...))})
	}
	return out
}

func joined(parts []*unit) *model.AWS {
	var out []*model.AWS
	for _, p := range parts {
		out = append(out, p.aws)
	}
	return joinAWS(out)
}

// awsOf are the parts among the files that belong.
func (c *content) awsOf(belongs func(name string) bool) []*unit {
	var out []*unit
	for _, u := range c.units {
		if u.aws != nil && belongs(u.at) {
			out = append(out, u)
		}
	}
	return out
}

// sharedAWS are the parts among the files of no cluster that the user names.
func (c *content) sharedAWS(o Options) []*unit {
	return c.awsOf(func(name string) bool {
		return !slices.ContainsFunc(o.Clusters, func(config ClusterConfig) bool { return config.holds(name) })
	})
}

// sideOf is the side of a folder of manifests: the only one, or the only one that
// lies in the folder or around it. It is empty when nobody can tell.
func sideOf(all []*side, top string) *model.AWS {
	var out []*side
	for _, s := range all {
		if len(all) == 1 || within(top, s.dir) || within(s.dir, top) {
			out = append(out, s)
		}
	}
	if len(out) != 1 {
		return &model.AWS{}
	}
	out[0].used = true
	return out[0].aws
}

// joinAWS makes one AWS side of several. A resource that two of them know by the
// same identifier is taken from the one that asked AWS, and else from the
// first. What is written apart from its owner is added to it.
func joinAWS(parts []*model.AWS) *model.AWS {
	out := &model.AWS{}
	for _, p := range parts {
		out.VPCs = append(out.VPCs, p.VPCs...)
		out.Subnets = append(out.Subnets, p.Subnets...)
		out.RouteTables = append(out.RouteTables, p.RouteTables...)
		out.InternetGateways = append(out.InternetGateways, p.InternetGateways...)
		out.NATGateways = append(out.NATGateways, p.NATGateways...)
		out.Endpoints = append(out.Endpoints, p.Endpoints...)
		out.FlowLogs = append(out.FlowLogs, p.FlowLogs...)
		out.PrefixLists = append(out.PrefixLists, p.PrefixLists...)
		out.NetworkACLs = append(out.NetworkACLs, p.NetworkACLs...)
		out.SecurityGroups = append(out.SecurityGroups, p.SecurityGroups...)
		out.StaleRules = append(out.StaleRules, p.StaleRules...)
		out.Interfaces = append(out.Interfaces, p.Interfaces...)
		out.LoadBalancers = append(out.LoadBalancers, p.LoadBalancers...)
		out.Databases = append(out.Databases, p.Databases...)
		out.Clusters = append(out.Clusters, p.Clusters...)
		out.NodeGroups = append(out.NodeGroups, p.NodeGroups...)
		out.LaunchTemplates = append(out.LaunchTemplates, p.LaunchTemplates...)
		out.FargateProfiles = append(out.FargateProfiles, p.FargateProfiles...)
		out.Addons = append(out.Addons, p.Addons...)
		out.Separate = append(out.Separate, p.Separate...)
	}
	dedupe(out)
	synthesise(out)
	attach(out)
	return out
}

func dedupe(a *model.AWS) {
	a.VPCs = once(a.VPCs)
	a.Subnets = once(a.Subnets)
	a.RouteTables = once(a.RouteTables)
	a.NATGateways = once(a.NATGateways)
	a.Endpoints = once(a.Endpoints)
	a.FlowLogs = once(a.FlowLogs)
	// describe-managed-prefix-lists knows a list without its blocks.
	slices.SortStableFunc(a.PrefixLists, func(x, y *model.PrefixList) int { return cmp.Compare(x.Missing, y.Missing) })
	a.PrefixLists = once(a.PrefixLists)
	a.NetworkACLs = once(a.NetworkACLs)
	a.SecurityGroups = once(a.SecurityGroups)
	a.Interfaces = once(a.Interfaces)
	a.LoadBalancers = once(a.LoadBalancers)
	a.Clusters = once(a.Clusters)
	a.NodeGroups = once(a.NodeGroups)
	a.FargateProfiles = once(a.FargateProfiles)
	a.Addons = once(a.Addons)
}

// resource is a pointer to a type that embeds model.AWSMeta.
type resource[T any] interface {
	*T
	Meta() *model.AWSMeta
}

// once keeps one resource of each identifier, in the place of the first.
func once[T any, R resource[T]](list []R) []R {
	index := map[string]int{}
	out := list[:0]
	for _, x := range list {
		m := x.Meta()
		i, twice := index[m.ID]
		if !twice || m.ID == "" {
			index[m.ID] = len(out)
			out = append(out, x)
			continue
		}
		if m.Observed && !out[i].Meta().Observed {
			out[i] = x
		}
	}
	return out
}

// attach adds what is written apart to its owner. Where the owner is not
// certain, each resource that may be it may have more than it shows.
func attach(a *model.AWS) {
	o := owners{aws: a, copied: map[any]bool{}}
	for _, s := range a.Separate {
		switch s.Kind {
		case model.OfSecurityGroup:
			o.addRules(s)
		case model.OfNetworkACL:
			o.addEntries(s)
		case model.OfRouteTable:
			o.addRoutes(s)
		}
	}
	a.Separate = nil
}

// owners copies the resources that it adds to, as other clusters share them.
type owners struct {
	aws    *model.AWS
	copied map[any]bool
}

func (o owners) addRules(s *model.Separate) {
	o.addGroup(s)
	for _, i := range places(o.aws.SecurityGroups, s) {
		if before := o.aws.SecurityGroups[i]; s.Observed && before.Observed && before.MissingIngress == "" {
			continue // describe-security-groups prints the rules as well
		}
		group := own(o, o.aws.SecurityGroups, i)
		for _, rule := range s.Rules {
			switch {
			case isCertain(s):
				group.Rules = append(slices.Clip(group.Rules), rule)
			case rule.Egress:
				group.MissingEgress = mayBelong(s)
			default:
				group.MissingIngress = mayBelong(s)
			}
		}
	}
}

// addGroup adds a group of which nothing but its rules is known.
func (o owners) addGroup(s *model.Separate) {
	if isNamed(s) && len(places(o.aws.SecurityGroups, s)) == 0 {
		o.aws.SecurityGroups = append(o.aws.SecurityGroups, &model.SecurityGroup{
			AWSMeta: unseen(s), MissingIngress: unseenOwner, MissingEgress: unseenOwner,
		})
	}
}

const unseenOwner = "the input holds a part of it and not itself"

// isNamed reports whether it is known which resource a part belongs to.
func isNamed(s *model.Separate) bool {
	return s.Owner.Certainty == model.LinkKnown && s.Owner.ID+s.Owner.Address != ""
}

// unseen names a resource of which the input holds but parts.
func unseen(s *model.Separate) model.AWSMeta {
	address := s.Owner.Address
	if address == "" {
		address = s.Owner.ID
	}
	return model.AWSMeta{ID: s.Owner.ID, Address: address, Origin: s.Origin, Observed: s.Observed, At: s.At}
}

func (o owners) addEntries(s *model.Separate) {
	if isNamed(s) && len(places(o.aws.NetworkACLs, s)) == 0 {
		o.aws.NetworkACLs = append(o.aws.NetworkACLs, &model.NetworkACL{
			AWSMeta: unseen(s), VPC: model.Link{Why: unseenOwner}, Default: model.Known(false, s.At), Missing: unseenOwner,
		})
	}
	for _, i := range places(o.aws.NetworkACLs, s) {
		acl := own(o, o.aws.NetworkACLs, i)
		if !isCertain(s) && len(s.Entries) > 0 {
			acl.Missing = mayBelong(s)
		} else {
			acl.Entries = append(slices.Clip(acl.Entries), s.Entries...)
		}
		acl.Subnets = append(slices.Clip(acl.Subnets), subnetsOf(s)...)
	}
}

func (o owners) addRoutes(s *model.Separate) {
	if isNamed(s) && len(places(o.aws.RouteTables, s)) == 0 {
		o.aws.RouteTables = append(o.aws.RouteTables, &model.RouteTable{
			AWSMeta: unseen(s), VPC: model.Link{Why: unseenOwner}, Main: model.Known(false, s.At), Missing: unseenOwner,
		})
	}
	for _, i := range places(o.aws.RouteTables, s) {
		table := own(o, o.aws.RouteTables, i)
		if !isCertain(s) && len(s.Routes) > 0 {
			table.Missing = mayBelong(s)
		} else {
			table.Routes = append(slices.Clip(table.Routes), s.Routes...)
		}
		table.Subnets = append(slices.Clip(table.Subnets), subnetsOf(s)...)
		switch {
		case s.Main && isCertain(s):
			table.Main = model.Known(true, s.At)
		case s.Main:
			table.Main = model.Open[bool](s.Title()+" may make it the main one", s.At)
		}
	}
}

// subnetsOf are the subnets of an association, as uncertain as its owner.
func subnetsOf(s *model.Separate) []model.Link {
	out := slices.Clone(s.Subnets)
	for i := range out {
		if !isCertain(s) {
			out[i].Certainty = min(out[i].Certainty, model.LinkMay)
		}
	}
	return out
}

// isCertain reports whether a part is made, and for which owner.
func isCertain(s *model.Separate) bool {
	return s.Owner.Certainty == model.LinkKnown && s.Conditional == ""
}

func mayBelong(s *model.Separate) string {
	if s.Conditional != "" {
		return s.Conditional
	}
	return s.Title() + " may belong to it"
}

// places are those of the resources that a part may belong to.
func places[T any, R resource[T]](list []R, s *model.Separate) []int {
	var out []int
	for i, x := range list {
		if s.Owner.LeadsTo(x.Meta(), s.Origin) != model.No {
			out = append(out, i)
		}
	}
	return out
}

// own copies a resource once and returns the copy.
func own[T any, R resource[T]](o owners, list []R, i int) R {
	if !o.copied[list[i]] {
		copied := *list[i]
		list[i] = &copied
		o.copied[list[i]] = true
	}
	return list[i]
}
