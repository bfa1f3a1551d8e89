package terraform

import (
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// Unread are resources that there may be besides those that were read: parts of
// anything, subnets and endpoints, and objects of Kubernetes.
func Unread(at model.Span, why string) []Resource {
	var out []Resource
	for _, typ := range []string{
		"aws_network_acl_association", "aws_network_acl_rule", "aws_route", "aws_route_table_association", "aws_security_group_rule",
		"aws_subnet", "aws_vpc_endpoint", "kubernetes_manifest",
	} {
		r := Doubt(typ, at.File, why, at)
		if strings.HasSuffix(typ, "_association") { // of some subnet
			r.Attributes.Fields = []attr.Field{{Name: "subnet_id", Value: &attr.Value{Kind: attr.Open, Why: why, At: at}}}
		}
		out = append(out, r)
	}
	return out
}

// Doubt is a resource that may be made, and of which nothing but the type is known.
func Doubt(typ, address, why string, at model.Span) Resource {
	return Resource{Type: typ, Address: address, Conditional: why, At: at, Attributes: &attr.Value{Kind: attr.Object, At: at}}
}
