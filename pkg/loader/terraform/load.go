package terraform

import (
	"net/netip"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// Load returns the AWS side that resources of one origin make. Resources of other
// types are passed over.
func Load(origin string, resources []Resource) (*model.AWS, []model.Problem) {
	x := &reading{origin: origin, out: &model.AWS{}, named: map[string]string{}, typeOf: map[string]string{}, templates: map[string]string{}, subnetGroups: map[string][]model.Link{}}
	for _, r := range resources {
		x.note(r)
	}
	for _, r := range resources {
		if read := reader(r); read != nil {
			read(x, r)
		}
	}
	for _, f := range x.later {
		f()
	}
	return x.out, x.Problems
}

// reader is what reads a resource; nil when its type is not read.
func reader(r Resource) func(*reading, Resource) {
	if r.Data {
		return dataSources()[r.Type]
	}
	return types()[r.Type]
}

func dataSources() map[string]func(*reading, Resource) {
	return map[string]func(*reading, Resource){"aws_vpc": (*reading).vpc, "aws_subnet": (*reading).subnet}
}

// types are the resources of the provider that are read:
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs
func types() map[string]func(*reading, Resource) {
	return map[string]func(*reading, Resource){
		"aws_vpc":                                     (*reading).vpc,
		"aws_vpc_ipv4_cidr_block_association":         (*reading).block,
		"aws_vpc_ipv6_cidr_block_association":         (*reading).block,
		"aws_subnet":                                  (*reading).subnet,
		"aws_internet_gateway":                        (*reading).internetGateway,
		"aws_internet_gateway_attachment":             (*reading).internetGateway,
		"aws_nat_gateway":                             (*reading).natGateway,
		"aws_vpc_endpoint":                            (*reading).endpoint,
		"aws_flow_log":                                (*reading).flowLog,
		"aws_ec2_managed_prefix_list":                 (*reading).prefixList,
		"aws_route_table":                             (*reading).routeTable,
		"aws_default_route_table":                     (*reading).defaultRouteTable,
		"aws_route":                                   (*reading).separateRoute,
		"aws_route_table_association":                 (*reading).routeTableAssociation,
		"aws_main_route_table_association":            (*reading).mainRouteTable,
		"aws_network_acl":                             (*reading).networkACL,
		"aws_default_network_acl":                     (*reading).defaultNetworkACL,
		"aws_network_acl_rule":                        (*reading).networkACLRule,
		"aws_network_acl_association":                 (*reading).networkACLAssociation,
		"aws_security_group":                          (*reading).securityGroup,
		"aws_default_security_group":                  (*reading).defaultSecurityGroup,
		"aws_security_group_rule":                     (*reading).securityGroupRule,
		"aws_vpc_security_group_ingress_rule":         (*reading).ingressRule,
		"aws_vpc_security_group_egress_rule":          (*reading).egressRule,
		"aws_vpc_endpoint_subnet_association":         (*reading).partOfEndpoint,
		"aws_vpc_endpoint_route_table_association":    (*reading).partOfEndpoint,
		"aws_vpc_endpoint_security_group_association": (*reading).partOfEndpoint,
		"aws_network_interface":                       (*reading).networkInterface,
		"aws_lb":                                      (*reading).loadBalancer,
		"aws_alb":                                     (*reading).loadBalancer,
		"aws_elb":                                     (*reading).classicLoadBalancer,
		"aws_db_instance":                             (*reading).database,
		"aws_rds_cluster":                             (*reading).database,
		"aws_docdb_cluster":                           (*reading).database,
		"aws_neptune_cluster":                         (*reading).database,
		"aws_elasticache_cluster":                     (*reading).database,
		"aws_elasticache_replication_group":           (*reading).database,
		"aws_elasticache_serverless_cache":            (*reading).database,
		"aws_launch_template":                         (*reading).launchTemplate,
		"aws_autoscaling_group":                       (*reading).autoScalingGroup,
		"aws_eks_cluster":                             (*reading).cluster,
		"aws_eks_node_group":                          (*reading).nodeGroup,
		"aws_eks_fargate_profile":                     (*reading).fargateProfile,
		"aws_eks_addon":                               (*reading).addon,
	}
}

// reading is the state of one Load.
type reading struct {
	attr.Reader
	origin string
	out    *model.AWS
	// named are the addresses that links use for resources which AWS makes and
	// Terraform takes over, with the addresses that those have.
	named map[string]string
	// typeOf has the type of each resource by its address.
	typeOf map[string]string
	// templates are the addresses of launch templates by their names.
	templates map[string]string
	// subnetGroups are the subnets of groups of them, by the name and the address of
	// the group.
	subnetGroups map[string][]model.Link
	// later is what needs all resources to have been read.
	later []func()
}

// note remembers what other resources refer to in another way than by an address.
func (x *reading) note(r Resource) {
	x.typeOf[r.Address] = r.Type
	switch r.Type {
	case "aws_default_security_group":
		x.takeOver(r, "vpc_id", model.DefaultGroupSuffix)
	case "aws_default_network_acl":
		x.takeOver(r, "default_network_acl_id", "")
	case "aws_default_route_table":
		x.takeOver(r, "default_route_table_id", "")
	case "aws_launch_template":
		if name := r.Attributes.Get("name"); name.IsSet() && name.Kind == attr.String {
			x.templates[name.Text] = r.Address
		}
	case "aws_db_subnet_group", "aws_docdb_subnet_group", "aws_neptune_subnet_group", "aws_elasticache_subnet_group":
		x.subnetGroups[r.Address] = x.links(r.Attributes, "subnet_ids")
		if name := r.Attributes.Get("name"); name.IsSet() && name.Kind == attr.String {
			x.subnetGroups[name.Text] = x.subnetGroups[r.Address]
		}
	}
}

// takeOver lets links to what AWS makes beside a VPC lead to the resource that
// manages it.
func (x *reading) takeOver(r Resource, name, suffix string) {
	if v := r.Attributes.Get(name); v != nil && len(v.Links) == 1 {
		x.named[v.Links[0].Address+suffix] = r.Address
	}
}

// meta names a resource.
func (x *reading) meta(r Resource) model.AWSMeta {
	m := model.AWSMeta{Origin: x.origin, Address: r.Address, Observed: r.Exists, Conditional: r.Conditional, At: r.At}
	if id := r.Attributes.Get("id"); id.IsSet() && id.Kind == attr.String {
		m.ID = id.Text
	}
	m.Tags = x.tags(r)
	if name, found := m.Tags.Get("Name"); found == model.Yes {
		m.Name, _ = name.Get()
	}
	return m
}

// tags are those with the default tags of the provider, which only tags_all has.
func (x *reading) tags(r Resource) model.Tags {
	all := r.Attributes.Get("tags_all")
	if all.IsSet() && all.Kind == attr.Object {
		return x.tagsOf(all)
	}
	out := x.tagsOf(r.Attributes.Get("tags"))
	switch {
	case out.Missing != "" || r.Exists:
	case all != nil && all.Kind == attr.Open:
		out.Missing = all.Why
	default:
		out.Missing = "the provider may add default tags"
	}
	return out
}

func (x *reading) tagsOf(v *attr.Value) model.Tags {
	out := model.Tags{Values: map[string]model.Value[string]{}}
	switch {
	case !v.IsSet():
	case v.Kind == attr.Object:
		for _, f := range v.Fields {
			out.Values[f.Name] = x.String(f.Value, f.Name, model.Known("", f.Value.At))
		}
	case v.Kind == attr.Open:
		out.Missing = v.Why
	default:
		x.Refuse(v.At, "tags: want a map, got %s", v.Kind)
		out.Missing = "the tags cannot be read"
	}
	return out
}

// given is an attribute that is set: providers write an empty text for nothing.
func given(v *attr.Value) *attr.Value {
	if !v.IsSet() || v.Kind == attr.String && v.Text == "" {
		return nil
	}
	return v
}

func (x *reading) str(v *attr.Value, name string) model.Value[string] {
	return x.String(given(v.Get(name)), name, model.Open[string]("AWS or the provider chooses "+name, v.Span()))
}

func (x *reading) strOr(v *attr.Value, name, otherwise string) model.Value[string] {
	return x.String(given(v.Get(name)), name, model.Known(otherwise, v.Span()))
}

func (x *reading) boolOr(v *attr.Value, name string, otherwise bool) model.Value[bool] {
	return x.Bool(given(v.Get(name)), name, model.Known(otherwise, v.Span()))
}

func (x *reading) boolean(v *attr.Value, name string) model.Value[bool] {
	return x.Bool(given(v.Get(name)), name, model.Value[bool]{})
}

func (x *reading) number(v *attr.Value, name string) model.Value[int] {
	return x.Int(given(v.Get(name)), name, model.Value[int]{})
}

// links reads identifiers of resources of the type that the attribute wants.
func (x *reading) links(v *attr.Value, name string) []model.Link {
	out := x.Links(given(v.Get(name)), name)
	for i := range out {
		out[i] = x.resolved(out[i])
	}
	return out
}

func (x *reading) link(v *attr.Value, name string) model.Link {
	return x.resolved(x.Link(given(v.Get(name)), name))
}

func (x *reading) resolved(l model.Link) model.Link {
	if to, found := x.named[l.Address]; found && l.Address != "" {
		l.Address = to
	}
	return l
}

// only is the only block of a type; nil when there is none.
func (x *reading) only(v *attr.Value, name string) *attr.Value {
	list := v.Get(name)
	if list.IsSet() && list.Kind == attr.Object {
		return list
	}
	items := x.Objects(list, name)
	if len(items) == 0 {
		return nil
	}
	return items[0]
}

// beside is the link to what AWS makes beside the resource that a link leads to.
func beside(l model.Link, suffix string) model.Link {
	if l.Address == "" || l.Certainty != model.LinkKnown {
		return model.Link{Why: "the VPC is not known", At: l.At}
	}
	return model.Link{Address: l.Address + suffix, Certainty: model.LinkKnown, At: l.At}
}

// owner is what a resource of AWS is beside: the VPC of a default route table.
func owner(l model.Link, suffix string) model.Link {
	vpc, found := strings.CutSuffix(l.Address, suffix)
	if !found || l.Certainty != model.LinkKnown {
		return model.Link{Why: "the VPC is not known", At: l.At}
	}
	return model.Link{Address: vpc, Certainty: model.LinkKnown, At: l.At}
}

// everywhere is every IPv4 address.
var everywhere = netip.PrefixFrom(netip.IPv4Unspecified(), 0)
