package cloudformation

import (
	"fmt"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// pseudo are the parameters of AWS that a deployment gives:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
var pseudo = map[string]bool{
	"AWS::AccountId": true, "AWS::NotificationARNs": true, "AWS::Partition": true, "AWS::Region": true,
	"AWS::StackId": true, "AWS::StackName": true, "AWS::URLSuffix": true,
}

func (t *template) ref(c call) *attr.Value {
	if c.argument.Kind != syntax.Scalar {
		return t.refuse(c.at, "!Ref takes the name of a parameter or resource")
	}
	return t.nameValue(c.at, c.argument.Value)
}

// nameValue is what !Ref makes of a name at a place; nil for AWS::NoValue.
func (t *template) nameValue(n *syntax.Node, name string) *attr.Value {
	expression := "!Ref " + name
	switch {
	case name == "AWS::NoValue":
		return nil
	case pseudo[name]:
		return t.open(n, expression+": the deployment gives it")
	case t.parameters[name] != nil:
		return t.parameter(n, name)
	case t.byID[name] != nil:
		return t.refTo(n, t.byID[name])
	case t.generated != "":
		return t.open(n, expression+": "+t.generated)
	default:
		return t.refuse(n, expression+": there is no such parameter or resource")
	}
}

// parameter is the default of a parameter:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
func (t *template) parameter(n *syntax.Node, name string) *attr.Value {
	declared := fields(t.parameters[name])
	value, typ := declared["Default"], ""
	if declared["Type"] != nil {
		typ = declared["Type"].Value
	}
	switch {
	case strings.HasPrefix(typ, "AWS::SSM::Parameter::Value<"):
		return t.open(n, fmt.Sprintf("!Ref %s: Systems Manager has the value of the parameter", name))
	case value == nil:
		return t.open(n, fmt.Sprintf("!Ref %s: the parameter has no default", name))
	case value.Kind != syntax.Scalar:
		return t.refuse(value, fmt.Sprintf("the default of the parameter %s is a text or number", name))
	case typ != "CommaDelimitedList" && !strings.HasPrefix(typ, "List<"):
		return t.known(n, t.scalar(value).Text)
	}
	parts := strings.Split(t.scalar(value).Text, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return t.texts(n, parts)
}

// refTo is what !Ref makes of a resource: its identifier, or the name of a
// cluster.
func (t *template) refTo(n *syntax.Node, r *resource) *attr.Value {
	if name := t.clusterName(r); isText(name) && r.made != model.No {
		return t.moved(n, name)
	}
	return t.link(n, "!Ref "+r.id, r, "")
}

// link is the identifier of a resource, or of what AWS makes beside it.
func (t *template) link(n *syntax.Node, expression string, r *resource, suffix string) *attr.Value {
	if r.made == model.No {
		return t.open(n, expression+": its condition is false")
	}
	out := t.open(n, expression)
	out.Links = []model.Link{{Address: r.id + suffix, Certainty: model.LinkKnown, At: out.At}}
	return out
}

func (t *template) getAtt(c call) *attr.Value {
	id, attribute, ok := "", "", false
	switch args := c.arguments(); {
	case c.argument.Kind == syntax.Scalar:
		id, attribute, ok = strings.Cut(c.argument.Value, ".")
	case len(args) == 2 && args[0].Kind == syntax.Scalar:
		v := t.value(args[1])
		if v != nil && v.Kind == attr.Open {
			return t.because(c, v)
		}
		if ok = isText(v); ok {
			id, attribute = args[0].Value, v.Text
		}
	}
	if !ok {
		return t.refuse(c.at, "!GetAtt takes a resource and an attribute")
	}
	return t.attribute(c.at, id, attribute)
}

// itself are the attributes that are the identifier of their resource.
var itself = map[string]bool{
	"AWS::EC2::VPC.VpcId": true, "AWS::EC2::Subnet.SubnetId": true, "AWS::EC2::InternetGateway.InternetGatewayId": true,
	"AWS::EC2::EgressOnlyInternetGateway.Id": true, "AWS::EC2::NatGateway.NatGatewayId": true,
	"AWS::EC2::RouteTable.RouteTableId": true, "AWS::EC2::SecurityGroup.GroupId": true, "AWS::EC2::SecurityGroup.Id": true,
	"AWS::EC2::NetworkAcl.Id": true, "AWS::EC2::NetworkAcl.NetworkAclId": true, "AWS::EC2::VPCEndpoint.Id": true,
	"AWS::EC2::PrefixList.PrefixListId": true, "AWS::EC2::NetworkInterface.Id": true,
	"AWS::EC2::LaunchTemplate.LaunchTemplateId": true, "AWS::EC2::TransitGateway.Id": true, "AWS::EC2::VPNGateway.VPNGatewayId": true,
}

// beside are the attributes that identify what AWS makes with a resource.
var beside = map[string]string{
	"AWS::EC2::VPC.DefaultSecurityGroup":   model.DefaultGroupSuffix,
	"AWS::EC2::VPC.DefaultNetworkAcl":      model.DefaultACLSuffix,
	eksCluster + ".ClusterSecurityGroupId": model.ClusterGroupSuffix,
	cdkCluster + ".ClusterSecurityGroupId": model.ClusterGroupSuffix,
}

// written are the attributes that are as the property of the same name.
var written = map[string]bool{
	"AWS::EC2::VPC.CidrBlock": true, "AWS::EC2::Subnet.AvailabilityZone": true, "AWS::EC2::Subnet.CidrBlock": true,
	"AWS::EC2::Subnet.VpcId": true, "AWS::EC2::SecurityGroup.VpcId": true, "AWS::EKS::Nodegroup.ClusterName": true,
	"AWS::EKS::Nodegroup.NodegroupName": true,
}

// attribute is an attribute of a resource:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getatt.html
func (t *template) attribute(n *syntax.Node, id, name string) *attr.Value {
	expression := "!GetAtt " + id + "." + name
	r := t.byID[id]
	switch {
	case r == nil && t.generated != "":
		return t.open(n, expression+": "+t.generated)
	case r == nil:
		return t.refuse(n, expression+": there is no such resource")
	}
	key := r.typ + "." + name
	suffix, isBeside := beside[key]
	switch {
	case isBeside || itself[key]:
		return t.link(n, expression, r, suffix)
	case written[key]:
		if v := t.of(r).Get(name); isText(v) || v != nil && v.Kind == attr.Open {
			return t.moved(n, v)
		}
	}
	return t.open(n, expression)
}
