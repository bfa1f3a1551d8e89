//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// The size of the plan to measure with, about 5 MB: groups with rules, each in a
// module of its own.
const (
	planModules     = 60
	rulesOfAModule  = 95
	subnetsOfModule = 10
)

// terraformPlan writes the JSON of a plan that creates a VPC, a cluster and many
// modules with a security group, its rules and subnets.
func terraformPlan(dir string) (string, error) {
	changes := []object{
		create("", "aws_vpc", "v", nil, object{"cidr_block": "10.0.0.0/8", "tags_all": object{"Name": "bench"}}, object{"id": true}),
		create("", "aws_eks_cluster", "c", nil, object{"name": "bench", "vpc_config": []object{{"endpoint_public_access": false}}}, object{"id": true}),
	}
	calls := object{}
	for m := range planModules {
		name := fmt.Sprint("m", m)
		calls[name] = object{"source": "./m", "expressions": object{"vpc_id": refers("aws_vpc.v.id", "aws_vpc.v")}, "module": planModule()}
		changes = append(changes, create(name, "aws_security_group", "g", nil, object{"name": name}, object{"id": true, "vpc_id": true, "ingress": true}))
		for i := range subnetsOfModule {
			changes = append(changes, create(name, "aws_subnet", "s", i,
				object{"cidr_block": fmt.Sprintf("10.%d.%d.0/24", m, i), "map_public_ip_on_launch": false, "tags_all": object{}}, object{"id": true, "vpc_id": true}))
		}
		for i := range rulesOfAModule {
			changes = append(changes, create(name, "aws_security_group_rule", "r", i, object{
				"type": "ingress", "protocol": "tcp", "from_port": i, "to_port": i, "cidr_blocks": []string{"10.0.0.0/8"},
				"description": "a rule", "ipv6_cidr_blocks": nil, "prefix_list_ids": nil, "self": false,
			}, object{"id": true, "security_group_id": true, "security_group_rule_id": true, "source_security_group_id": true}))
		}
	}
	text, err := json.MarshalIndent(object{
		"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes,
		"configuration": object{"root_module": object{"resources": []object{declared("aws_vpc", "v", nil), declared("aws_eks_cluster", "c", nil)}, "module_calls": calls}},
	}, "", " ")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "plan.json")
	return name, os.WriteFile(name, text, 0o600)
}

// create is a change that makes a resource. index is nil without count.
func create(module, typ, name string, index any, after, unknown object) object {
	address := typ + "." + name
	out := object{"mode": "managed", "type": typ, "name": name, "provider_name": "registry.terraform.io/hashicorp/aws"}
	if index != nil {
		address, out["index"] = fmt.Sprintf("%s[%d]", address, index), index
	}
	if module != "" {
		address, out["module_address"] = "module."+module+"."+address, "module."+module
	}
	out["address"] = address
	out["change"] = object{
		"actions": []string{"create"}, "before": nil, "after": after, "after_unknown": unknown, "before_sensitive": false, "after_sensitive": object{},
	}
	return out
}

// planModule is the configuration of a module.
func planModule() object {
	return object{"variables": object{"vpc_id": object{}}, "resources": []object{
		declared("aws_security_group", "g", object{"vpc_id": refers("var.vpc_id")}),
		declared("aws_subnet", "s", object{"vpc_id": refers("var.vpc_id")}),
		declared("aws_security_group_rule", "r", object{"security_group_id": refers("aws_security_group.g.id", "aws_security_group.g")}),
	}}
}

func declared(typ, name string, expressions object) object {
	out := object{"address": typ + "." + name, "mode": "managed", "type": typ, "name": name}
	if expressions != nil {
		out["expressions"] = expressions
	}
	return out
}

func refers(references ...string) object { return object{"references": references} }
