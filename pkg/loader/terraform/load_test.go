package terraform_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/loadertest"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/loader/tfhcl"
	"github.com/ekslint/ekslint/pkg/model"
)

// load reads configuration, the shortest way to write resources.
func load(t *testing.T, text string) (*model.AWS, []model.Problem) {
	t.Helper()
	source := tfhcl.NewSource(func(dir string) (map[string][]byte, error) {
		if dir != "root" {
			return nil, fs.ErrNotExist
		}
		return map[string][]byte{"main.tf": []byte(text)}, nil
	})
	resources, _ := source.Load("root", tfhcl.Inputs{})
	if problems := source.Problems(); len(problems) > 0 {
		t.Fatal(problems)
	}
	return terraform.Load("root", resources)
}

// TestGolden: what the resources of each topic make.
func TestGolden(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.tf")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".tf"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			aws, problems := load(t, string(text))
			got := loadertest.Dump(aws, text)
			for _, p := range problems {
				got += "problem: " + p.Message + "\n"
			}
			loadertest.Golden(t, strings.TrimSuffix(name, ".tf")+".golden", got)
		})
	}
}

// read makes a resource of the JSON of its attributes, as a state has them.
func read(t *testing.T, typ, text string) terraform.Resource {
	t.Helper()
	n, err := syntax.ParseJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return terraform.Resource{Type: typ, Address: typ + ".x", Attributes: attr.FromJSON(n, "f.json", 0), Exists: true}
}

// TestExisting: the state tells identifiers, and writes "" and null for what is
// not set.
func TestExisting(t *testing.T) {
	t.Parallel()
	resources := []terraform.Resource{
		read(t, "aws_vpc", `{"id": "vpc-1", "cidr_block": "10.0.0.0/16", "ipv6_cidr_block": "", "assign_generated_ipv6_cidr_block": false, "enable_dns_support": true, "enable_dns_hostnames": true, "tags": null, "tags_all": {"Name": "v"}}`),
		read(t, "aws_subnet", `{"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.0.0/24", "ipv6_cidr_block": "", "availability_zone": "eu-west-1a", "map_public_ip_on_launch": true, "assign_ipv6_address_on_creation": false, "tags": {}}`),
		read(t, "aws_route_table", `{"id": "rtb-1", "vpc_id": "vpc-1", "propagating_vgws": [], "route": [{"cidr_block": "0.0.0.0/0", "ipv6_cidr_block": "", "destination_prefix_list_id": "", "gateway_id": "igw-1", "nat_gateway_id": "", "core_network_arn": ""},
			{"cidr_block": "", "ipv6_cidr_block": "", "destination_prefix_list_id": "pl-1", "gateway_id": "", "vpc_endpoint_id": "vpce-1"}]}`),
		read(t, "aws_eks_cluster", `{"id": "demo", "name": "demo", "version": "1.34", "vpc_config": [{"vpc_id": "vpc-1", "cluster_security_group_id": "sg-1", "subnet_ids": ["subnet-1"], "endpoint_public_access": true, "public_access_cidrs": []}]}`),
	}
	if aws, _ := terraform.Load("f.json", []terraform.Resource{read(t, "aws_vpc_endpoint", `{"vpc_endpoint_type": "Interface", "security_group_ids": []}`)}); len(aws.Endpoints[0].SecurityGroups) > 0 {
		t.Errorf("the endpoint has %v", aws.Endpoints[0].SecurityGroups)
	}
	aws, problems := terraform.Load("f.json", resources)
	if len(problems) > 0 {
		t.Error(problems)
	}
	got := strings.Split(strings.TrimSpace(loadertest.Dump(aws, nil)), "\n")
	want := []string{
		"VPCs[0].ID = vpc-1", "VPCs[0].Address = aws_vpc.x", "VPCs[0].Origin = f.json", "VPCs[0].Name = v", "VPCs[0].Tags.Values.Name = v",
		"VPCs[0].Observed = true", "VPCs[0].CIDRs[0] = 10.0.0.0/16", "VPCs[0].DNSSupport = true", "VPCs[0].DNSHostnames = true",
		"Subnets[0].ID = subnet-1", "Subnets[0].Address = aws_subnet.x", "Subnets[0].Origin = f.json", "Subnets[0].Observed = true", "Subnets[0].VPC = vpc-1 certainty 2",
		"Subnets[0].CIDR = 10.0.0.0/24", "Subnets[0].CIDR6 = invalid Prefix", "Subnets[0].AvailabilityZone = eu-west-1a", "Subnets[0].MapPublicIP = true",
		"Subnets[0].AssignIPv6 = false", "Subnets[0].FreeIPs = ? (Terraform does not tell the free addresses)",
		"RouteTables[0].ID = rtb-1", "RouteTables[0].Address = aws_route_table.x", "RouteTables[0].Origin = f.json", "RouteTables[0].Observed = true", "RouteTables[0].VPC = vpc-1 certainty 2",
		"RouteTables[0].Main = false", "RouteTables[0].Routes[0].Destination = 0.0.0.0/0", "RouteTables[0].Routes[0].Kind = internet gateway", "RouteTables[0].Routes[0].Target = igw-1 certainty 2",
		"RouteTables[0].Routes[1].PrefixList = pl-1 certainty 2", "RouteTables[0].Routes[1].Kind = VPC endpoint", "RouteTables[0].Routes[1].Target = vpce-1 certainty 2",
		"Clusters[0].ID = demo", "Clusters[0].Address = aws_eks_cluster.x", "Clusters[0].Origin = f.json", "Clusters[0].Name = demo", "Clusters[0].Observed = true",
		"Clusters[0].ClusterName = demo", "Clusters[0].Version = 1.34", "Clusters[0].VPC = vpc-1 certainty 2", "Clusters[0].Subnets[0] = subnet-1 certainty 2",
		"Clusters[0].ClusterSecurityGroup = sg-1 certainty 2", "Clusters[0].PublicAccess = true", "Clusters[0].PrivateAccess = false",
		"Clusters[0].ServiceCIDR = ? (AWS or the provider chooses the CIDR block)", "Clusters[0].IPFamily = ipv4", "Clusters[0].AutoMode = false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
