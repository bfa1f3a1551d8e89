package tfhcl_test

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/loadertest"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/loader/tfhcl"
)

// TestStandIns: for the examples of a module, its stand-in makes the same network
// as the module itself, and knows nothing that is otherwise there.
func TestStandIns(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ root, folder, path, source string }{
		{"vpc", "examples", `"../../"`, `"terraform-aws-modules/vpc/aws"`},
		{"eks", "tests", `"../.."`, `"terraform-aws-modules/eks/aws"`},
	} {
		t.Run(tt.root, func(t *testing.T) {
			t.Parallel()
			root := "../../../../shared/samples/tf-modules/" + tt.root
			examples, err := os.ReadDir(path.Join(root, tt.folder))
			if err != nil {
				t.Skipf("the module is not here: %v", err)
			}
			inside := folder(root)
			without := func(dir string) (map[string][]byte, error) {
				files, err := inside(dir)
				for name, text := range files {
					files[name] = []byte(strings.ReplaceAll(string(text), tt.path, tt.source))
				}
				return files, err
			}
			compared := 0
			for _, e := range examples {
				dir := path.Join(tt.folder, e.Name())
				compared += compareNetworks(t, dir, network(dir, "module."+tt.root+".", inside), network(dir, "module."+tt.root+".", without))
			}
			if compared < 50 {
				t.Errorf("only %d resources were compared", compared)
			}
		})
	}
}

func compareNetworks(t *testing.T, dir string, want, got map[string]terraform.Resource) (compared int) {
	t.Helper()
	for address, r := range got {
		real, found := want[address]
		switch {
		case !found && r.Conditional == "" && !beside.MatchString(address):
			t.Errorf("%s: only the stand-in has %s", dir, address)
		case found:
			compared++
			for _, name := range compare {
				if a, b := known(real.Attributes.Get(name)), known(r.Attributes.Get(name)); b != "" && a != b && !(a == "" && b == "false") {
					t.Errorf("%s: %s.%s is %q, not %q", dir, address, name, a, b)
				}
			}
		}
	}
	for address := range want {
		if _, found := got[address]; !found && !beside.MatchString(address) {
			t.Errorf("%s: the stand-in lacks %s", dir, address)
		}
	}
	return compared
}

// beside matches what the stand-in leaves out: it belongs to subnets for data
// stores and outposts, or depends on the version of the module.
var beside = regexp.MustCompile(`aws_default_|outpost|dns64|(acl|rule|table)\.(database|elasticache|redshift)|webhook|efa|self_managed_node_group`)

var compare = []string{
	"cidr_block", "vpc_id", "ipv6_cidr_block", "map_public_ip_on_launch", "subnet_id", "route_table_id", "gateway_id", "nat_gateway_id",
	"destination_cidr_block", "destination_ipv6_cidr_block", "egress_only_gateway_id", "subnet_ids", "rule_number", "rule_action", "protocol",
	"egress", "from_port", "to_port", "ingress", "assign_ipv6_address_on_creation", "type", "security_group_id", "source_security_group_id",
	"self", "cidr_blocks", "vpc_security_group_ids", "labels", "instance_types", "taint", "selector", "vpc_zone_identifier", "configuration_values",
}

// known is a value unless it, or a part of it, is open.
func known(v *attr.Value) string {
	if !v.IsSet() || strings.Contains(loadertest.Show(v), "?(") {
		return ""
	}
	return loadertest.Show(v)
}

// inner matches the modules in a module that its stand-in has no need of.
var inner = regexp.MustCompile(`module\.(?:eks_managed_node_group|fargate_profile)(\[[^]]*\])\.(aws_\w+\.this)\[0\]`)

// same are resources that the module names otherwise than its stand-in.
var same = strings.NewReplacer(`node["egress_all"]`, "node_egress[0]", `node["ingress_nodes_ephemeral"]`, "node_to_node[0]", "before_compute", "this")

// network are the resources of a module that its stand-in knows.
func network(dir, prefix string, files tfhcl.Files) map[string]terraform.Resource {
	types := []string{
		"aws_vpc", "aws_subnet", "aws_route", "aws_route_table", "aws_route_table_association", "aws_nat_gateway", "aws_internet_gateway",
		"aws_egress_only_internet_gateway", "aws_network_acl", "aws_network_acl_rule", "aws_default_security_group", "aws_vpc_ipv4_cidr_block_association",
		"aws_eks_cluster", "aws_security_group", "aws_security_group_rule", "aws_launch_template", "aws_eks_node_group", "aws_eks_fargate_profile", "aws_eks_addon",
	}
	resources, _ := tfhcl.NewSource(files).Load(dir, tfhcl.Inputs{})
	out := map[string]terraform.Resource{}
	for _, r := range resources {
		if !r.Data && strings.HasPrefix(r.Address, prefix) && slices.Contains(types, r.Type) {
			out[same.Replace(inner.ReplaceAllString(r.Address, "$2$1"))] = r
		}
	}
	return out
}
