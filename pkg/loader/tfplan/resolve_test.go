package tfplan_test

import (
	"testing"
)

// TestResolve: what the last change of a plan links to.
func TestResolve(t *testing.T) {
	t.Parallel()
	const id = `"id": true`
	groups := []string{create("aws_security_group.a", ``, id), create("aws_security_group.b", ``, id)}
	counted := []string{create("aws_subnet.s[0]", ``, id+`, "vpc_id": true`), create("aws_subnet.s[1]", ``, id+`, "vpc_id": true`)}
	lb := func(references ...string) string {
		return configured("aws_lb.x", refs("security_groups", references...))
	}
	one := func(attribute string, references ...string) string {
		return configured("aws_instance.x", refs(attribute, references...))
	}
	with := func(changes []string, last string) []string { return append(changes[:len(changes):len(changes)], last) }
	for name, tt := range map[string]struct {
		root    string
		changes []string
		want    string
	}{
		"an identifier": {
			module([]string{lb("aws_security_group.a.id", "aws_security_group.a")}),
			with(groups, create("aws_lb.x", ``, `"security_groups": true`)),
			"security_groups = ? aws_security_group.a.id before apply -> =aws_security_group.a",
		},
		"one of two": {
			module([]string{lb("aws_security_group.a.id", "aws_security_group.a", "aws_security_group.b.id", "aws_security_group.b")}),
			with(groups, create("aws_lb.x", ``, `"security_groups": true`)),
			"security_groups = ? aws_security_group.a.id, aws_security_group.b.id before apply -> ~aws_security_group.a -> ~aws_security_group.b",
		},
		"each element": {
			module([]string{lb("aws_security_group.a.id", "aws_security_group.a", "aws_security_group.b.id", "aws_security_group.b")}),
			with(groups, create("aws_lb.x", `"security_groups": ["sg-1", null, null]`, `"security_groups": [false, true, true]`)),
			"security_groups[0] = sg-1\n" +
				"security_groups[1] = ? aws_security_group.a.id before apply -> =aws_security_group.a\n" +
				"security_groups[2] = ? aws_security_group.b.id before apply -> =aws_security_group.b",
		},
		"fewer elements than candidates": {
			module([]string{lb("aws_security_group.a.id", "aws_security_group.a", "aws_security_group.b.id", "aws_security_group.b")}),
			with(groups, create("aws_lb.x", `"security_groups": [null]`, `"security_groups": [true]`)),
			"security_groups[0] = ? aws_security_group.a.id, aws_security_group.b.id before apply -> ~aws_security_group.a -> ~aws_security_group.b",
		},
		"as many elements as candidates and a local": {
			module([]string{lb("aws_security_group.a.id", "aws_security_group.a", "local.more")}),
			with(groups, create("aws_lb.x", `"security_groups": [null]`, `"security_groups": [true]`)),
			"security_groups[0] = ? local.more -> ~aws_security_group.a -> ?(local.more)",
		},
		"a local": {
			module([]string{lb(`local.groups[\"a\"]`, "local.groups")}), with(groups, create("aws_lb.x", ``, `"security_groups": true`)),
			`security_groups = ? local.groups["a"]`,
		},
		"known ones beside it": {
			module([]string{lb("var.set", "aws_security_group.a.id", "aws_security_group.a")}),
			with(groups, create("aws_lb.x", ``, `"security_groups": true`)),
			"security_groups = ? aws_security_group.a.id before apply -> =aws_security_group.a -> ~sg-0123456789abcdef0",
		},
		"a variable that is not set": {
			module([]string{lb("var.x", "aws_security_group.a.id", "aws_security_group.a")}), with(groups, create("aws_lb.x", ``, `"security_groups": true`)),
			"security_groups = ? var.x -> ~aws_security_group.a -> ?(var.x)",
		},
		"one that is configured nowhere": {
			module([]string{configured("aws_lb.x", `"name": {"constant_value": "x"}`)}), with(groups, create("aws_lb.x", `"name": "x"`, `"security_groups": true`)), "name = x",
		},
		"one of a resource that is there": {
			module([]string{configured("aws_lb.x", ``)}), with(groups, changed("aws_lb.x", "update", `{}`, `{"security_groups": true}`)),
			"security_groups = ? aws_lb.x.security_groups before apply",
		},
		"one of a data source": {
			module([]string{configured("data.aws_lb.x", ``)}), with(groups, changed("data.aws_lb.x", "read", `{}`, `{"security_groups": true}`)),
			"security_groups = ? data.aws_lb.x.security_groups before apply",
		},
		"no configuration": {
			module(nil), with(groups, create("aws_lb.x", ``, `"security_groups": true`)), "security_groups = ? aws_lb.x.security_groups before apply",
		},
		"a splat": {
			module([]string{one("subnet_ids", "aws_subnet.s")}), with(counted, create("aws_instance.x", ``, `"subnet_ids": true`)),
			"subnet_ids = ? aws_subnet.s[0].id, aws_subnet.s[1].id before apply -> ~aws_subnet.s[0] -> ~aws_subnet.s[1]",
		},
		"a splat of a resource with an index": {
			module([]string{one("subnet_ids", "aws_subnet.s")}), with(counted, create("aws_instance.x[1]", ``, `"subnet_ids": true`)),
			"subnet_ids = ? aws_subnet.s[0].id, aws_subnet.s[1].id before apply -> ~aws_subnet.s[0] -> ~aws_subnet.s[1]",
		},
		"an index that may be that of another field": {
			module([]string{one("settings", "aws_subnet.s", "count.index")}), with(counted, create("aws_instance.x[1]", `"settings": {}`, `"settings": {"subnet_id": true}`)),
			"settings.subnet_id = ? aws_subnet.s[0].id, aws_subnet.s[1].id before apply -> ~aws_subnet.s[0] -> ~aws_subnet.s[1]",
		},
		"references that may be those of another field": {
			module([]string{one("settings", "aws_security_group.a.id", "aws_security_group.a", "aws_security_group.b.id", "aws_security_group.b")}),
			with(groups, create("aws_instance.x", `"settings": {"groups": [null, null]}`, `"settings": {"groups": [true, true]}`)),
			"settings.groups[0] = ? aws_security_group.a.id, aws_security_group.b.id before apply -> ~aws_security_group.a -> ~aws_security_group.b\n" +
				"settings.groups[1] = ? aws_security_group.a.id, aws_security_group.b.id before apply -> ~aws_security_group.a -> ~aws_security_group.b",
		},
		"known elements have their own places": {
			module([]string{lb("var.set", "aws_security_group.a.id", "aws_security_group.a", "aws_security_group.b.id", "aws_security_group.b")}),
			with(groups, create("aws_lb.x", `"security_groups": ["sg-0123456789abcdef0", null]`, `"security_groups": [false, true]`)),
			"security_groups[0] = sg-0123456789abcdef0\n" +
				"security_groups[1] = ? aws_security_group.a.id, aws_security_group.b.id before apply -> ~aws_security_group.a -> ~aws_security_group.b",
		},
		"a key": {
			module([]string{one("subnet_id", "aws_subnet.s[1].id", "aws_subnet.s[1]", "aws_subnet.s")}), with(counted, create("aws_instance.x", ``, `"subnet_id": true`)),
			"subnet_id = ? aws_subnet.s[1].id before apply -> =aws_subnet.s[1]",
		},
		"a key that is not there, and another": {
			module([]string{one("subnet_id", "aws_subnet.s[7].id", "aws_subnet.s[7]", "aws_subnet.s", "aws_subnet.s[0].id", "aws_subnet.s[0]", "aws_subnet.s")}),
			with(counted, create("aws_instance.x", ``, `"subnet_id": true`)),
			"subnet_id = ? aws_subnet.s[0].id before apply -> =aws_subnet.s[0]",
		},
		"an index, which may be one beside it": {
			module([]string{one("subnet_id", "aws_subnet.s", "count.index")}), with(counted, create("aws_instance.x[2]", ``, `"subnet_id": true`)),
			"subnet_id = ? aws_subnet.s[0].id, aws_subnet.s[1].id before apply -> ~aws_subnet.s[0] -> ~aws_subnet.s[1]",
		},
		"the attribute of another is that of a third": {
			module([]string{
				one("vpc_id", "aws_subnet.s[0].vpc_id", "aws_subnet.s[0]", "aws_subnet.s"), configured("aws_subnet.s", refs("vpc_id", "aws_vpc.v.id", "aws_vpc.v")),
			}), append(counted, create("aws_vpc.v", ``, id), create("aws_instance.x", ``, `"vpc_id": true`)),
			"vpc_id = ? aws_vpc.v.id before apply -> =aws_vpc.v",
		},
		"so it is without the attribute": {
			module([]string{one("vpc_id", "aws_subnet.s"), configured("aws_subnet.s", refs("vpc_id", "aws_vpc.v"))}),
			append(counted, create("aws_vpc.v", ``, id), create("aws_instance.x", ``, `"vpc_id": true`)),
			"vpc_id = ? aws_vpc.v.id before apply -> =aws_vpc.v",
		},
		"a computed attribute of another": {
			module([]string{one("network_interface_id", "aws_nat_gateway.n.network_interface_id", "aws_nat_gateway.n"), configured("aws_nat_gateway.n", ``)}),
			[]string{create("aws_nat_gateway.n", ``, id+`, "network_interface_id": true`), create("aws_instance.x", ``, `"network_interface_id": true`)},
			"network_interface_id = ? aws_nat_gateway.n.network_interface_id",
		},
		"a resource that cannot be meant": {
			module([]string{one("security_group_ids", "aws_eks_cluster.c")}),
			[]string{create("aws_eks_cluster.c", ``, id), create("aws_instance.x", ``, `"security_group_ids": true`)},
			"security_group_ids = ? aws_eks_cluster.c",
		},
		"the cluster security group": {
			module([]string{
				one("security_group_id", "aws_eks_cluster.c[0].vpc_config[0].cluster_security_group_id", "aws_eks_cluster.c[0].vpc_config[0]", "aws_eks_cluster.c[0].vpc_config", "aws_eks_cluster.c[0]", "aws_eks_cluster.c"),
				configured("aws_eks_cluster.c", `"vpc_config": [{`+refs("subnet_ids", "local.s")+`}]`),
			}),
			[]string{create("aws_eks_cluster.c[0]", `"vpc_config": [{}]`, id+`, "vpc_config": [{"cluster_security_group_id": true, "subnet_ids": true}]`), create("aws_instance.x", ``, `"security_group_id": true`)},
			"security_group_id = ? aws_eks_cluster.c[0].vpc_config[0].cluster_security_group_id before apply -> =aws_eks_cluster.c[0]/cluster-security-group",
		},
		"a name made of a random text": {
			module([]string{one("cluster_name", "local.n", "random_string.r.result", "random_string.r"), configured("random_string.r", ``)}),
			[]string{create("random_string.r", ``, id+`, "result": true`), create("aws_instance.x", ``, `"cluster_name": true`)},
			"cluster_name = ? local.n, random_string.r.result",
		},
		"a random identifier": {
			module([]string{one("cluster_name", "random_pet.r.id", "random_pet.r"), configured("random_pet.r", ``)}),
			[]string{create("random_pet.r", ``, id), create("aws_instance.x", ``, `"cluster_name": true`)},
			"cluster_name = ? random_pet.r.id",
		},
		"an attribute that is known, and one that is not": {
			module([]string{one("subnet_id", "aws_subnet.old.id", "aws_subnet.old", "aws_subnet.new.id", "aws_subnet.new")}),
			[]string{changed("aws_subnet.old", "no-op", `{"id": "subnet-0123456789abcdef0"}`, `{}`), create("aws_subnet.new", ``, id), create("aws_instance.x", ``, `"subnet_id": true`)},
			"subnet_id = ? aws_subnet.new.id before apply -> =aws_subnet.new",
		},
		"only known ones": {
			module([]string{one("subnet_id", "aws_subnet.old.id", "aws_subnet.old")}),
			[]string{changed("aws_subnet.old", "no-op", `{"id": "subnet-0123456789abcdef0"}`, `{}`), create("aws_instance.x", ``, `"subnet_id": true`)},
			"subnet_id = ? aws_instance.x.subnet_id before apply",
		},
		"rules that are unknown as a whole": {
			module([]string{configured("aws_security_group.x", refs("ingress", "aws_security_group.a.id", "aws_security_group.a"))}),
			with(groups, create("aws_security_group.x", ``, `"ingress": true`)), "ingress = ? aws_security_group.a.id before apply",
		},
		"a rule in the form of a block": {
			module([]string{configured("aws_security_group.x", refs("ingress", "aws_security_group.a.id", "aws_security_group.a"))}),
			with(groups, create("aws_security_group.x", `"ingress": [{"from_port": 443, "security_groups": [null]}]`, `"ingress": [{"security_groups": [true]}]`)),
			"ingress[0].from_port = 443\ningress[0].security_groups[0] = ? aws_security_group.a.id before apply -> =aws_security_group.a",
		},
		"a dynamic block": {
			module([]string{configured("aws_launch_template.x", ``)}),
			with(groups, create("aws_launch_template.x", `"network_interfaces": [{"device_index": 0}]`, `"network_interfaces": [{"security_groups": true}]`)),
			"network_interfaces[0].device_index = 0\nnetwork_interfaces[0].security_groups = ? aws_launch_template.x.network_interfaces[0].security_groups",
		},
		"a block, and a dynamic one": {
			module([]string{configured("aws_launch_template.x", `"network_interfaces": [{`+refs("security_groups", "aws_security_group.a.id", "aws_security_group.a")+`}]`)}),
			with(groups, create("aws_launch_template.x", `"network_interfaces": [{}, {}]`, `"network_interfaces": [{"security_groups": true}, {}]`)),
			"network_interfaces[0].security_groups = ? aws_launch_template.x.network_interfaces[0].security_groups -> ~aws_security_group.a -> ?(aws_launch_template.x.network_interfaces[0].security_groups)\n" +
				"network_interfaces[1] = an object",
		},
		"blocks in another order": {
			module([]string{configured("aws_launch_template.x", `"network_interfaces": [
				{"device_index": {"constant_value": 1}, `+refs("security_groups", "aws_security_group.a.id", "aws_security_group.a")+`},
				{"device_index": {"constant_value": 0}, `+refs("security_groups", "aws_security_group.b.id", "aws_security_group.b")+`}]`)}),
			with(groups, create("aws_launch_template.x", `"network_interfaces": [{"device_index": 0}, {"device_index": 1}]`, `"network_interfaces": [{"id": true, "security_groups": true}, {"security_groups": true}]`)),
			"network_interfaces[0].device_index = 0\nnetwork_interfaces[0].security_groups = ? aws_security_group.b.id before apply -> =aws_security_group.b\n" +
				"network_interfaces[1].device_index = 1\nnetwork_interfaces[1].security_groups = ? aws_security_group.a.id before apply -> =aws_security_group.a",
		},
		"blocks that nothing tells apart": {
			module([]string{configured("aws_lb.x", `"subnet_mapping": [{`+refs("subnet_id", "aws_subnet.s[0].id", "aws_subnet.s[0]")+`}, {`+refs("subnet_id", "aws_subnet.s[1].id", "aws_subnet.s[1]")+`}]`)}),
			with(counted, create("aws_lb.x", `"subnet_mapping": [{}, {}]`, `"subnet_mapping": [{"subnet_id": true}, {}]`)),
			"subnet_mapping[0].subnet_id = ? aws_subnet.s[0].id, aws_subnet.s[1].id before apply -> ~aws_subnet.s[0] -> ~aws_subnet.s[1]\nsubnet_mapping[1] = an object",
		},
		"a key of a map": {
			module([]string{configured("aws_lb.x", refs("tags", "aws_vpc.v.id", "aws_vpc.v"))}),
			[]string{create("aws_vpc.v", ``, id), create("aws_lb.x", `"tags": {"a": "b"}`, `"tags": {"VPC": true}`)},
			"tags.a = b\ntags.VPC = ? aws_vpc.v.id before apply -> =aws_vpc.v",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkLast(t, plan(tt.root, tt.changes...), tt.want)
		})
	}
}
