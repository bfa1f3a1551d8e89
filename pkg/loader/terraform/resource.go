// Package terraform turns resources of the Terraform providers into those of the
// model, whether they were read from a plan, a state or the configuration:
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs
package terraform

import (
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// Resource is one instance of a resource or data source.
type Resource struct {
	// Data is set for a data source, which describes what others made.
	Data bool
	Type string
	// Address is that of the instance, such as module.vpc.aws_subnet.private[0]
	// or data.aws_vpc.this: https://developer.hashicorp.com/terraform/cli/state/resource-addressing
	Address string
	// Attributes is an object in the shape of the provider's schema: a nested
	// block is an object in a list. An attribute that is neither configured nor
	// known is not there: the provider or AWS chooses it. A value that refers to
	// an attribute of a resource which nobody knows yet is open, with the links
	// of LinkTo.
	Attributes *attr.Value
	// Exists is set when the resource is in the state, so that the attributes
	// are all there and as AWS reports them.
	Exists bool
	// Alias tells the configuration of the provider that makes it from others,
	// as AliasOf does. It is empty where nothing tells.
	Alias string
	// Conditional says why the resource may not be made, or more than once;
	// empty when it is certain.
	Conditional string
	At          model.Span
}

// AliasOf returns the alias in the name of a configuration of a provider: west of
// kubernetes.west, and none of kubernetes. One that a module has for itself keeps the
// address of that: module.a: of module.a:kubernetes.
func AliasOf(provider string) string {
	i := strings.LastIndexByte(provider, ':') + 1
	_, alias, _ := strings.Cut(provider[i:], ".")
	return provider[:i] + alias
}

// LinkTo returns the link that an attribute of a resource is, such as id or
// vpc_config[0].cluster_security_group_id: to the resource itself, or to what AWS
// makes beside it.
func LinkTo(address, typ, attribute string, at model.Span) model.Link {
	return model.Link{Address: address + suffix(typ, attribute), Certainty: model.LinkKnown, At: at}
}

func suffix(typ, attribute string) string {
	last := attribute[strings.LastIndexByte(attribute, '.')+1:]
	switch {
	case typ == "aws_eks_cluster" && last == "cluster_security_group_id":
		return model.ClusterGroupSuffix
	case typ != "aws_vpc":
		return ""
	case last == "default_security_group_id":
		return model.DefaultGroupSuffix
	case last == "default_network_acl_id":
		return model.DefaultACLSuffix
	case last == "main_route_table_id", last == "default_route_table_id":
		return model.MainTableSuffix
	default:
		return ""
	}
}
