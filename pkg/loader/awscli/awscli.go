// Package awscli reads what the AWS CLI prints, in JSON or YAML: ec2 describe-*,
// elb and elbv2 describe-load-balancers, eks describe-*, rds describe-db-* and
// elasticache describe-cache-clusters, in any mix of files, as several answers in
// one file, or as one object with the keys of several answers:
// https://docs.aws.amazon.com/cli/latest/reference/
package awscli

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// section reads the elements of one key of an answer. Other JSON may have the
// key as well, but not with the mark, a field that all elements have.
type section struct {
	key, mark string
	read      func(*reading, *attr.Value)
}

// sections are the keys of the answers that are read.
func sections() []section {
	return []section{
		{"Vpcs", "VpcId", (*reading).vpc},
		{"Subnets", "SubnetId", (*reading).subnet},
		{"RouteTables", "RouteTableId", (*reading).routeTable},
		{"InternetGateways", "InternetGatewayId", (*reading).internetGateway},
		{"NatGateways", "NatGatewayId", (*reading).natGateway},
		{"VpcEndpoints", "VpcEndpointId", (*reading).endpoint},
		{"FlowLogs", "FlowLogId", (*reading).flowLog},
		{"PrefixLists", "PrefixListId", (*reading).prefixList},
		{"NetworkAcls", "NetworkAclId", (*reading).networkACL},
		{"SecurityGroups", "GroupId", (*reading).securityGroup},
		{"SecurityGroupRules", "SecurityGroupRuleId", (*reading).securityGroupRule},
		{"StaleSecurityGroupSet", "VpcId", (*reading).staleGroup},
		{"NetworkInterfaces", "NetworkInterfaceId", (*reading).networkInterface},
		{"Reservations", "Instances", (*reading).reservation},
		{"LaunchTemplateVersions", "LaunchTemplateId", (*reading).launchTemplate},
		{"LoadBalancers", "LoadBalancerArn", (*reading).loadBalancer},
		{"LoadBalancerDescriptions", "LoadBalancerName", (*reading).classicLoadBalancer},
		{"DBInstances", "DBInstanceIdentifier", database("DBInstanceIdentifier")},
		{"DBClusters", "DBClusterIdentifier", database("DBClusterIdentifier")},
		{"CacheClusters", "CacheClusterId", database("CacheClusterId")},
		{"cluster", "resourcesVpcConfig", (*reading).cluster},
		{"nodegroup", "nodegroupName", (*reading).nodeGroup},
		{"fargateProfile", "fargateProfileName", (*reading).fargateProfile},
		{"addon", "addonName", (*reading).addon},
	}
}

// Claims reports whether the text of a file is an answer of the AWS CLI.
func Claims(text []byte) bool {
	if !isJSON(text) {
		return claimsYAML(text)
	}
	keys := syntax.TopLevelKeys(text)
	return !slices.Contains(keys, "apiVersion") && slices.ContainsFunc(sections(), func(s section) bool {
		return slices.Contains(keys, s.key) && bytes.Contains(text, []byte(`"`+s.mark+`"`))
	})
}

// Result is what one file says.
type Result struct {
	model.Fragment
	// Pages are the lists of the file, in its order.
	Pages []Page
}

// Load reads the text of a file.
func Load(name string, text []byte) Result {
	x := &reading{origin: name, out: &model.AWS{}}
	format, answers, err := parse(name, text)
	var bad *syntax.Error
	if errors.As(err, &bad) {
		at := model.Span{File: name, Start: bad.Offset, End: min(bad.Offset+1, len(text))}
		x.Refuse(at, "not valid %s: %s", format, bad.Message)
	}
	for _, answer := range answers {
		x.answer(answer)
	}
	return Result{Fragment: model.Fragment{AWS: x.out, Problems: x.Problems}, Pages: x.pages}
}

// reading is the state of reading one file.
type reading struct {
	attr.Reader
	origin string
	out    *model.AWS
	pages  []Page
}

// answer reads one object. The answers of eks describe-* hold one object where
// the others hold a list, so both are taken.
func (x *reading) answer(v *attr.Value) {
	token := tokenOf(v)
	for _, s := range sections() {
		for _, f := range v.Fields {
			if f.Name == s.key { // YAML of several answers has some of them twice
				x.list(s, f.Value, token)
			}
		}
	}
}

func (x *reading) list(s section, list *attr.Value, token string) {
	switch {
	case list.IsSet() && list.Kind == attr.List:
		x.pages = append(x.pages, Page{File: x.origin, Key: s.key, Token: token})
	case list.IsSet() && list.Kind == attr.Object:
		list = &attr.Value{Kind: attr.List, Items: []*attr.Value{list}, At: list.At}
	}
	for _, item := range x.Objects(list, s.key) {
		s.read(x, item)
	}
}

// meta names a resource by the field that holds its identifier.
func (x *reading) meta(v *attr.Value, id string) model.AWSMeta {
	m := model.AWSMeta{Origin: x.origin, Observed: true, At: v.At}
	if named := v.Get(id); named.IsSet() {
		m.At = named.At
	}
	m.ID, _ = x.str(v, id).Get()
	m.Address = m.ID
	m.Tags = x.tags(v.Get("Tags"))
	if name, found := m.Tags.Get("Name"); found == model.Yes {
		m.Name, _ = name.Get()
	}
	return m
}

// tags reads a list of keys with values; EKS writes an object.
func (x *reading) tags(v *attr.Value) model.Tags {
	out := model.Tags{Values: map[string]model.Value[string]{}}
	if v.IsSet() && v.Kind == attr.Object {
		for _, f := range v.Fields {
			out.Values[f.Name] = x.String(f.Value, f.Name, model.Known("", f.Value.At))
		}
		return out
	}
	for _, item := range x.Objects(v, "Tags") {
		key := x.str(item, "Key")
		if name, known := key.Get(); known {
			out.Values[name] = x.String(item.Get("Value"), "Value", model.Known("", item.At))
		} else {
			out.Missing = key.Why()
		}
	}
	return out
}

func (x *reading) str(v *attr.Value, name string) model.Value[string] {
	return x.String(v.Get(name), name, model.Value[string]{})
}

func (x *reading) boolean(v *attr.Value, name string) model.Value[bool] {
	return x.Bool(v.Get(name), name, model.Value[bool]{})
}

func (x *reading) number(v *attr.Value, name string) model.Value[int] {
	return x.Int(v.Get(name), name, model.Value[int]{})
}

func (x *reading) link(v *attr.Value, name string) model.Link { return x.Link(v.Get(name), name) }

func (x *reading) links(v *attr.Value, name string) []model.Link { return x.Links(v.Get(name), name) }

// linksIn reads one field of each object of a list.
func (x *reading) linksIn(v *attr.Value, list, name string) []model.Link {
	var out []model.Link
	for _, item := range x.Objects(v.Get(list), list) {
		out = append(out, x.links(item, name)...)
	}
	return out
}

// is reports whether a field holds one of the words. The documentation and the
// answers write some of them with different capitals.
func (x *reading) is(v *attr.Value, name string, words ...string) bool {
	text, known := x.str(v, name).Get()
	return known && slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, text) })
}

// leftOut says that an answer has no field that AWS always gives, as --query may leave
// it out; it is empty when the field is there.
func leftOut(v *attr.Value, name string) string {
	if v.Get(name).IsSet() {
		return ""
	}
	return "the answer leaves out " + name
}

// unseen is what a list that an answer leaves out may lead to.
func unseen(v *attr.Value, name string) []model.Link {
	if why := leftOut(v, name); why != "" {
		return []model.Link{{Why: why, At: v.At}}
	}
	return nil
}
