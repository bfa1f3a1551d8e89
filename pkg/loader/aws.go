package loader

import (
	"cmp"
	"slices"

	"github.com/ekslint/ekslint/pkg/model"
)

// awsAt is the AWS side that one file, or one folder, describes.
type awsAt struct {
	name string
	aws  *model.AWS
}

// awsOf joins what lies among the files of a cluster; ok is false when nothing
// does.
func (c *content) awsOf(belongs func(name string) bool) (_ *model.AWS, ok bool) {
	var own []*model.AWS
	for _, p := range c.aws {
		if belongs(p.name) {
			own = append(own, p.aws)
		}
	}
	return joinAWS(own), len(own) > 0
}

// sharedAWS joins what lies among the files of no cluster that the user names.
func (c *content) sharedAWS(o Options) *model.AWS {
	out, _ := c.awsOf(func(name string) bool {
		return !slices.ContainsFunc(o.Clusters, func(config ClusterConfig) bool { return config.holds(name) })
	})
	return out
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
		out.PrefixLists = append(out.PrefixLists, p.PrefixLists...)
		out.NetworkACLs = append(out.NetworkACLs, p.NetworkACLs...)
		out.SecurityGroups = append(out.SecurityGroups, p.SecurityGroups...)
		out.Interfaces = append(out.Interfaces, p.Interfaces...)
		out.LoadBalancers = append(out.LoadBalancers, p.LoadBalancers...)
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
			case s.Owner.Certainty == model.LinkKnown:
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
	if s.Owner.ID == "" || len(places(o.aws.SecurityGroups, s)) > 0 {
		return
	}
	const why = "the input holds rules of the group and not the group"
	o.aws.SecurityGroups = append(o.aws.SecurityGroups, &model.SecurityGroup{
		AWSMeta:        model.AWSMeta{ID: s.Owner.ID, Address: s.Owner.ID, Origin: s.Origin, Observed: s.Observed, At: s.At},
		MissingIngress: why, MissingEgress: why,
	})
}

func (o owners) addEntries(s *model.Separate) {
	for _, i := range places(o.aws.NetworkACLs, s) {
		acl := own(o, o.aws.NetworkACLs, i)
		if s.Owner.Certainty != model.LinkKnown && len(s.Entries) > 0 {
			acl.Missing = mayBelong(s)
		} else {
			acl.Entries = append(slices.Clip(acl.Entries), s.Entries...)
		}
		acl.Subnets = append(slices.Clip(acl.Subnets), subnetsOf(s)...)
	}
}

func (o owners) addRoutes(s *model.Separate) {
	for _, i := range places(o.aws.RouteTables, s) {
		table := own(o, o.aws.RouteTables, i)
		if s.Owner.Certainty != model.LinkKnown && len(s.Routes) > 0 {
			table.Missing = mayBelong(s)
		} else {
			table.Routes = append(slices.Clip(table.Routes), s.Routes...)
		}
		table.Subnets = append(slices.Clip(table.Subnets), subnetsOf(s)...)
		switch {
		case s.Main && s.Owner.Certainty == model.LinkKnown:
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
		if s.Owner.Certainty != model.LinkKnown {
			out[i].Certainty = min(out[i].Certainty, model.LinkMay)
		}
	}
	return out
}

func mayBelong(s *model.Separate) string { return s.Title() + " may belong to it" }

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
