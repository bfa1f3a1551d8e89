package cloudformation

import (
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// transforms reads the macros that change the template. Those of AWS, but for
// AWS::Include, add nothing that matters here:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-reference.html
func (x *reading) transforms(n *syntax.Node) {
	if n == nil {
		return
	}
	macros := []*syntax.Node{n}
	if n.Kind == syntax.Sequence {
		macros = n.Items
	}
	for _, m := range macros {
		if m.Kind == syntax.Mapping && fields(m)["Name"] != nil {
			m = fields(m)["Name"]
		}
		name := x.shown(m)
		switch {
		case name == "AWS::LanguageExtensions":
		case strings.HasPrefix(name, "AWS::") && name != "AWS::Include":
			x.generated = "the transform " + name + " may make it"
		default:
			x.generated = "the transform " + name + " may make it"
			x.note("the transform %s is not applied: it may change the template", name)
			x.unseen("the transform "+name, x.span(m), model.Link{Why: "the transform " + name + " is not applied", At: x.span(m)}, allKinds()...)
		}
	}
}

// isExpanded reports whether CloudFormation puts other resources in the place of
// an entry: it calls a function, or uses a module.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/modules.html
func isExpanded(f syntax.Field) bool {
	own := fields(f.Value)
	if typ := own["Type"]; typ != nil && strings.HasSuffix(typ.Value, "::MODULE") {
		return true
	}
	return isFunction(f.Key.Value) || own["Fn::Transform"] != nil
}

// notExpanded reads an entry of the resources that stands for others.
func (x *reading) notExpanded(f syntax.Field) {
	name := f.Key.Value
	x.generated = name + " may make it"
	x.note("%s is not expanded: the resources that it makes are not read", name)
	kinds := allKinds()
	if strings.HasPrefix(name, "Fn::ForEach::") {
		kinds = kindsIn(f.Value)
	}
	at := x.span(f.Key)
	x.unseen(name, at, model.Link{Why: name + " is not expanded", At: at}, kinds...)
}

func allKinds() []model.SeparateKind {
	return []model.SeparateKind{model.OfSecurityGroup, model.OfNetworkACL, model.OfRouteTable}
}

// partOf is the kind of owner to which a type of resource adds.
var partOf = map[string]model.SeparateKind{
	"AWS::EC2::SecurityGroupIngress":        model.OfSecurityGroup,
	"AWS::EC2::SecurityGroupEgress":         model.OfSecurityGroup,
	"AWS::EC2::NetworkAclEntry":             model.OfNetworkACL,
	"AWS::EC2::SubnetNetworkAclAssociation": model.OfNetworkACL,
	"AWS::EC2::Route":                       model.OfRouteTable,
	"AWS::EC2::SubnetRouteTableAssociation": model.OfRouteTable,
}

// kindsIn are the kinds of owners that the types which stand in an expression
// may add to.
func kindsIn(n *syntax.Node) []model.SeparateKind {
	var out []model.SeparateKind
	n.Walk(func(path []string, v *syntax.Node) bool {
		if len(path) > 0 && path[len(path)-1] == "Type" && v.Kind == syntax.Scalar {
			if kind, adds := partOf[v.Value]; adds && !slices.Contains(out, kind) {
				out = append(out, kind)
			}
		}
		return true
	})
	return out
}

// unseen says that an owner may have parts that the template does not show.
func (x *reading) unseen(address string, at model.Span, owner model.Link, kinds ...model.SeparateKind) {
	nobody := []model.Link{{Why: owner.Why, At: at}}
	for _, kind := range kinds {
		s := &model.Separate{
			AWSMeta: model.AWSMeta{Address: address, Origin: x.file, Conditional: owner.Why, At: at}, Kind: kind, Owner: owner,
		}
		switch kind {
		case model.OfSecurityGroup:
			s.Rules = []model.SecurityGroupRule{{At: at}, {Egress: true, At: at}}
		case model.OfNetworkACL:
			s.Entries, s.Subnets = []model.NetworkACLEntry{{At: at}}, nobody
		case model.OfRouteTable:
			s.Routes, s.Subnets = []model.Route{{At: at}}, nobody
			x.unseenEndpoint(s.AWSMeta, owner)
		}
		x.out.Separate = append(x.out.Separate, s)
	}
}

// unseenEndpoint says that a VPC may have an endpoint that the template does not
// show.
func (x *reading) unseenEndpoint(m model.AWSMeta, vpc model.Link) {
	x.out.Endpoints = append(x.out.Endpoints, &model.VPCEndpoint{
		AWSMeta: m, VPC: model.Link{Why: vpc.Why, At: m.At}, Service: model.Open[string](vpc.Why, m.At), Type: model.Open[string](vpc.Why, m.At),
	})
}

// nestedStack reads a stack whose template is elsewhere. It may add to what it
// is given.
func (x *reading) nestedStack(r *resource, v *attr.Value) {
	why := "the nested stack " + r.id + " is not followed"
	x.note("%s", why)
	given := v.Get("Parameters")
	if given == nil {
		return
	}
	for _, f := range given.Fields {
		for _, l := range linksIn(f.Value) {
			x.mayAdd(r, model.Link{ID: l.ID, Address: l.Address, Certainty: model.LinkMay, Why: why, At: l.At})
		}
	}
}

// mayAdd says that a nested stack may add to a resource.
func (x *reading) mayAdd(r *resource, owner model.Link) {
	m := model.AWSMeta{Address: r.id, Origin: x.file, Conditional: owner.Why, At: r.at}
	switch to := x.byID[owner.Address]; {
	case to != nil && to.typ == "AWS::EC2::VPC":
		x.unseenEndpoint(m, owner)
	case to != nil && to.typ == "AWS::EC2::Subnet":
		for _, kind := range []model.SeparateKind{model.OfNetworkACL, model.OfRouteTable} {
			x.out.Separate = append(x.out.Separate, &model.Separate{
				AWSMeta: m, Kind: kind, Owner: model.Link{Why: owner.Why, At: r.at}, Subnets: []model.Link{owner},
			})
		}
	case to != nil:
		x.unseen(r.id, r.at, owner, ownerKinds[to.typ]...)
	case strings.HasSuffix(owner.Address, model.DefaultGroupSuffix), strings.HasSuffix(owner.Address, model.ClusterGroupSuffix):
		x.unseen(r.id, r.at, owner, model.OfSecurityGroup)
	}
}

// ownerKinds are what may be added to a resource of a type.
var ownerKinds = map[string][]model.SeparateKind{
	"AWS::EC2::SecurityGroup": {model.OfSecurityGroup},
	"AWS::EC2::NetworkAcl":    {model.OfNetworkACL},
	"AWS::EC2::RouteTable":    {model.OfRouteTable},
}

// linksIn are the links of a value and of what is in it.
func linksIn(v *attr.Value) []model.Link {
	if v == nil {
		return nil
	}
	out := slices.Clone(v.Links)
	for _, item := range v.Items {
		out = append(out, linksIn(item)...)
	}
	return out
}
