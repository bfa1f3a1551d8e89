package tfhcl_test

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/loader/tfhcl"
)

// TestStandInOfVPC: for every example of the module, the stand-in makes the same
// network as the module itself, and knows nothing that is otherwise there.
func TestStandInOfVPC(t *testing.T) {
	t.Parallel()
	const root = "../../../../shared/samples/tf-modules/vpc"
	examples, err := os.ReadDir(path.Join(root, "examples"))
	if err != nil {
		t.Skipf("the module is not here: %v", err)
	}
	inside := folder(root)
	without := func(dir string) (map[string][]byte, error) {
		files, err := inside(dir)
		for name, text := range files {
			files[name] = []byte(strings.ReplaceAll(string(text), `"../../"`, `"terraform-aws-modules/vpc/aws"`))
		}
		return files, err
	}
	compared := 0
	for _, e := range examples {
		dir := path.Join("examples", e.Name())
		want, got := network(dir, inside), network(dir, without)
		for address, r := range got {
			real, found := want[address]
			switch {
			case !found && r.Conditional == "":
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
	}
	if compared < 200 {
		t.Errorf("only %d resources were compared", compared)
	}
}

// beside matches what the stand-in leaves out: it belongs to subnets for data
// stores and outposts, or depends on the version of the module.
var beside = regexp.MustCompile(`aws_default_|outpost|dns64|(acl|rule|table)\.(database|elasticache|redshift)`)

var compare = []string{
	"cidr_block", "vpc_id", "ipv6_cidr_block", "map_public_ip_on_launch", "subnet_id", "route_table_id", "gateway_id", "nat_gateway_id",
	"destination_cidr_block", "destination_ipv6_cidr_block", "egress_only_gateway_id", "subnet_ids", "rule_number", "rule_action", "protocol",
	"egress", "from_port", "to_port", "ingress", "assign_ipv6_address_on_creation",
}

// known is a value unless it, or a part of it, is open.
func known(v *attr.Value) string {
	if !v.IsSet() || strings.Contains(show(v), "?(") {
		return ""
	}
	return show(v)
}

// network are the resources of the module that its stand-in knows.
func network(dir string, files tfhcl.Files) map[string]terraform.Resource {
	types := []string{
		"aws_vpc", "aws_subnet", "aws_route", "aws_route_table", "aws_route_table_association", "aws_nat_gateway", "aws_internet_gateway",
		"aws_egress_only_internet_gateway", "aws_network_acl", "aws_network_acl_rule", "aws_default_security_group", "aws_vpc_ipv4_cidr_block_association",
	}
	resources, _ := tfhcl.NewSource(files).Load(dir, nil)
	out := map[string]terraform.Resource{}
	for _, r := range resources {
		if !r.Data && strings.HasPrefix(r.Address, "module.vpc.") && slices.Contains(types, r.Type) {
			out[r.Address] = r
		}
	}
	return out
}
