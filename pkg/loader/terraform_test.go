package loader

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/model"
)

// clustersOf writes each cluster with its resources and those of its AWS side.
func clustersOf(r Result) []string {
	var out []string
	for _, c := range r.Clusters {
		line := c.Scope().Name + ":"
		for _, x := range c.All(model.GroupKind{Kind: "ConfigMap"}) {
			line += " " + x.Ref.Name
		}
		line += " |"
		aws := c.AWS()
		for _, v := range aws.VPCs {
			line += " " + v.Title()
		}
		for _, v := range aws.Clusters {
			line += " " + v.Title()
		}
		out = append(out, line)
	}
	return out
}

func configMap() *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")}
}

const (
	netModule    = `variable "cidr" {}` + "\n" + `resource "aws_vpc" "v" { cidr_block = var.cidr }` + "\n" + `output "id" { value = aws_vpc.v.id }`
	eksCluster   = `resource "aws_eks_cluster" "c" { name = "prod" }`
	madeConfig   = `resource "kubernetes_manifest" "m" { manifest = { apiVersion = "v1", kind = "ConfigMap", metadata = { name = "b" } } }`
	callsModule  = `module "net" {` + "\n" + `source = "../modules/net"` + "\n" + `cidr = "10.0.0.0/16"` + "\n" + `}`
	eksctlConfig = "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: prod, region: eu-central-1}\n"
	storedState  = `{"version": 4, "serial": 1, "lineage": "l", "resources": [
		{"mode": "managed", "type": "aws_vpc", "name": "v", "instances": [{"attributes": {"id": "vpc-1"}}]},
		{"mode": "managed", "type": "aws_eks_cluster", "name": "c", "instances": [{"attributes": {"name": "prod"}}]}]}`
	cliCluster = `{"cluster": {"name": "cli", "resourcesVpcConfig": {}}}`
)

// TestTerraformClusters: which AWS side belongs to which manifests.
func TestTerraformClusters(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for name, tt := range map[string]struct {
		files   fstest.MapFS
		options Options
		want    []string
	}{
		"one root for all manifests": {
			fstest.MapFS{"k8s/a.yaml": configMap(), "tf/main.tf": file(eksCluster)},
			Options{Paths: []string{"."}},
			[]string{".: a | aws_eks_cluster.c"},
		},
		"no manifests": {
			fstest.MapFS{"tf/main.tf": file(eksCluster)}, Options{Paths: []string{"tf"}}, []string{"tf: | aws_eks_cluster.c"},
		},
		"a file of a root": {
			fstest.MapFS{"tf/main.tf": file(eksCluster), "tf/vpc.tf": file(`resource "aws_vpc" "v" {}`)},
			Options{Paths: []string{"tf/main.tf"}},
			[]string{"tf/main.tf: | aws_vpc.v aws_eks_cluster.c"},
		},
		"a config of eksctl": {
			fstest.MapFS{"k8s/a.yaml": configMap(), "cluster.yaml": file(eksctlConfig)}, Options{Paths: []string{"."}}, []string{".: a | vpc prod"},
		},
		"configs of eksctl in one folder": {
			fstest.MapFS{"one.yaml": file(eksctlConfig), "two.yaml": file(strings.Replace(eksctlConfig, "prod", "dev", 1))},
			Options{Paths: []string{"."}},
			[]string{"one.yaml: | vpc prod", "two.yaml: | vpc dev"},
		},
		"a config of eksctl beside what AWS says of its cluster": {
			fstest.MapFS{"cluster.yaml": file(eksctlConfig), "aws.json": file(strings.Replace(cliCluster, "cli", "prod", 1))},
			Options{Paths: []string{"."}},
			[]string{".: | vpc prod"},
		},
		"a state that is named": {
			fstest.MapFS{"a.yaml": configMap(), "terraform.tfstate": file(storedState)},
			Options{Paths: []string{"a.yaml", "terraform.tfstate"}},
			[]string{".: a | aws_vpc.v aws_eks_cluster.c"},
		},
		"a state that may be older than its configuration": {
			fstest.MapFS{"main.tf": file(eksCluster), "terraform.tfstate": file(storedState)},
			Options{Paths: []string{"."}},
			[]string{".: | aws_eks_cluster.c"},
		},
		"a module is no root": {
			fstest.MapFS{"modules/net/main.tf": file(netModule), "tf/main.tf": file(callsModule)},
			Options{Paths: []string{"."}},
			[]string{".: | module.net.aws_vpc.v"},
		},
		"a module outside the given paths": {
			fstest.MapFS{"modules/net/main.tf": file(netModule), "tf/main.tf": file(callsModule)},
			Options{Paths: []string{"tf"}},
			[]string{"tf: | module.net.aws_vpc.v"},
		},
		"several roots": {
			fstest.MapFS{
				"dev/k8s/a.yaml": configMap(), "dev/tf/main.tf": file(eksCluster), "prod/main.tf": file(eksCluster),
				"net/main.tf": file(`resource "aws_vpc" "v" {}`),
			},
			Options{Paths: []string{"."}},
			[]string{".: a |", "dev/tf: | aws_eks_cluster.c", "prod: | aws_eks_cluster.c", "net: | aws_vpc.v"},
		},
		"several roots, each with manifests": {
			fstest.MapFS{
				"dev/a.yaml": configMap(), "dev/main.tf": file(eksCluster),
				"prod/a.yaml": file("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: y}\n"), "prod/tf/main.tf": file(eksCluster),
			},
			Options{Paths: []string{"."}},
			[]string{"dev: a | aws_eks_cluster.c", "prod: a | aws_eks_cluster.c"},
		},
		"several roots with objects of Kubernetes": {
			fstest.MapFS{"dev/main.tf": file(eksCluster + "\n" + madeConfig), "prod/main.tf": file(eksCluster + "\n" + madeConfig), "a.yaml": configMap()},
			Options{Paths: []string{"."}},
			[]string{"a.yaml: a |", "dev: b | aws_eks_cluster.c", "prod: b | aws_eks_cluster.c"},
		},
		"one root with objects of Kubernetes": {
			fstest.MapFS{"tf/main.tf": file(eksCluster + "\n" + madeConfig), "k8s/a.yaml": configMap()},
			Options{Paths: []string{"."}},
			[]string{".: a b | aws_eks_cluster.c"},
		},
		"the network and the cluster apart": {
			fstest.MapFS{"net/main.tf": file(`resource "aws_vpc" "v" {}`), "eks/main.tf": file(eksCluster)},
			Options{Paths: []string{"."}},
			[]string{".: | aws_vpc.v aws_eks_cluster.c"},
		},
		"overlays below a root": {
			fstest.MapFS{
				"dev/main.tf": file(eksCluster), "prod/main.tf": file(eksCluster), "dev/k8s/x/a.yaml": configMap(),
				"dev/k8s/y/a.yaml": file("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: y}\n"),
			},
			Options{Paths: []string{"."}},
			[]string{"dev/k8s/x: a | aws_eks_cluster.c", "dev/k8s/y: a | aws_eks_cluster.c", "prod: | aws_eks_cluster.c"},
		},
		"what AWS tells belongs to each root": {
			fstest.MapFS{"dev/main.tf": file(eksCluster), "prod/main.tf": file(eksCluster), "aws.json": file(`{"Vpcs": [{"VpcId": "vpc-1"}]}`)},
			Options{Paths: []string{"."}},
			[]string{"dev: | vpc-1 aws_eks_cluster.c", "prod: | vpc-1 aws_eks_cluster.c"},
		},
		"clusters with names": {
			fstest.MapFS{"dev/a.yaml": configMap(), "dev/main.tf": file(eksCluster), "prod/main.tf": file(eksCluster), "aws.json": file(cliCluster)},
			Options{Paths: []string{"."}, Clusters: []ClusterConfig{{Name: "dev", Paths: []string{"dev"}}, {Name: "prod", Paths: []string{"prod/*.tf"}}}},
			[]string{"dev: a | aws_eks_cluster.c", "prod: | aws_eks_cluster.c", ".: | cli"},
		},
		"folders that terraform makes": {
			fstest.MapFS{"tf/main.tf": file(eksCluster), "tf/.terraform/modules/x/main.tf": file(eksCluster)},
			Options{Paths: []string{"tf"}},
			[]string{"tf: | aws_eks_cluster.c"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := Load(t.Context(), tt.files, tt.options)
			if err != nil || len(r.Problems) > 0 {
				t.Fatal(err, r.Problems)
			}
			if diff := cmp.Diff(tt.want, clustersOf(r)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// plan is one of a VPC that is to be made and of a subnet whose list of tags the
// plan resolves.
const plan = `{"format_version": "1.2", "terraform_version": "1.11.4", "variables": {"name": {"value": "planned"}},
"planned_values": {"root_module": {}},
"resource_changes": [
 {"address": "aws_vpc.v", "mode": "managed", "type": "aws_vpc", "name": "v",
  "change": {"actions": ["create"], "after": {"cidr_block": "10.1.0.0/16", "tags": {"Name": "planned"}, "tags_all": {"Name": "planned"}}, "after_unknown": {"id": true}}},
 {"address": "aws_subnet.s", "mode": "managed", "type": "aws_subnet", "name": "s",
  "change": {"actions": ["create"], "after": {"cidr_block": "10.1.0.0/24"}, "after_unknown": {"id": true, "vpc_id": true, "tags_all": true}}}],
"configuration": {"root_module": {"resources": [
 {"address": "aws_vpc.v", "mode": "managed", "type": "aws_vpc", "name": "v", "expressions": {"cidr_block": {"references": ["var.cidr"]}}},
 {"address": "aws_subnet.s", "mode": "managed", "type": "aws_subnet", "name": "s", "expressions": {"vpc_id": {"references": ["local.id"]}, "cidr_block": {"constant_value": "10.1.0.0/24"}}}]}}}`

// applied is the stored state after that plan.
const applied = `{"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "l", "outputs": {}, "resources": [
 {"mode": "managed", "type": "aws_vpc", "name": "v", "instances": [{"attributes": {"id": "vpc-1", "cidr_block": "10.1.0.0/16", "tags": {"Name": "planned"}}}]},
 {"mode": "managed", "type": "aws_subnet", "name": "s", "instances": [{"attributes": {"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.1.0.0/24"}}]}]}`

const configuration = `variable "name" { default = "default" }
variable "cidr" {}
locals { id = aws_vpc.v.id }
resource "aws_vpc" "v" {
  cidr_block = var.cidr
  tags       = { Name = var.name }
}
resource "aws_subnet" "s" {
  vpc_id     = local.id
  cidr_block = "10.1.0.0/24"
}
`

// TestPlan: a plan takes the place of the configuration that it was made of. What
// it does not know comes from there, and the lines are those of there.
func TestPlan(t *testing.T) {
	t.Parallel()
	text := func(r Result, s model.Span) string {
		whole, _ := r.Files.Text(s.File)
		return s.File + " " + string(whole[s.Start:s.End])
	}
	for name, tt := range map[string]struct {
		files fstest.MapFS
		want  []string
	}{
		"alone": {
			fstest.MapFS{"plan.json": &fstest.MapFile{Data: []byte(plan)}},
			[]string{"aws_vpc.v", `plan.json "10.1.0.0/16"`, "local.id"},
		},
		"a stored state beside its configuration": {
			fstest.MapFS{"state.json": &fstest.MapFile{Data: []byte(applied)}, "main.tf": &fstest.MapFile{Data: []byte(configuration)}},
			[]string{"aws_vpc.v", "main.tf var.cidr", "-> vpc-1"},
		},
		"beside its configuration": {
			fstest.MapFS{"plan.json": &fstest.MapFile{Data: []byte(plan)}, "main.tf": &fstest.MapFile{Data: []byte(configuration)}},
			[]string{"aws_vpc.v", "main.tf var.cidr", "-> aws_vpc.v"},
		},
		"elsewhere, of the only configuration that fits": {
			fstest.MapFS{
				"out/plan.json": &fstest.MapFile{Data: []byte(plan)}, "tf/main.tf": &fstest.MapFile{Data: []byte(configuration)},
				"other/main.tf": &fstest.MapFile{Data: []byte(`resource "aws_eip" "e" {}`)},
			},
			[]string{"aws_vpc.v", "tf/main.tf var.cidr", "-> aws_vpc.v"},
		},
		"beside one of two that fit": {
			fstest.MapFS{
				"b/plan.json": &fstest.MapFile{Data: []byte(plan)}, "b/main.tf": &fstest.MapFile{Data: []byte(configuration)},
				"a/main.tf": &fstest.MapFile{Data: []byte(configuration)},
			},
			[]string{"aws_vpc.v aws_vpc.v", "b/main.tf var.cidr", "-> aws_vpc.v"},
		},
		"elsewhere, of one of two that fit": {
			fstest.MapFS{
				"a/plan.json": &fstest.MapFile{Data: []byte(plan)}, "b/main.tf": &fstest.MapFile{Data: []byte(configuration)},
				"c/main.tf": &fstest.MapFile{Data: []byte(configuration)},
			},
			[]string{"aws_vpc.v aws_vpc.v aws_vpc.v", `a/plan.json "10.1.0.0/16"`, "local.id"},
		},
		"beside another configuration": {
			fstest.MapFS{"plan.json": &fstest.MapFile{Data: []byte(plan)}, "main.tf": &fstest.MapFile{Data: []byte(`resource "aws_vpc" "w" {}`)}},
			[]string{"aws_vpc.v aws_vpc.w", `plan.json "10.1.0.0/16"`, "local.id"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := Load(t.Context(), tt.files, Options{Paths: []string{"."}})
			if err != nil || len(r.Clusters) != 1 {
				t.Fatal(err, r.Problems, r.Clusters)
			}
			aws := r.Clusters[0].AWS()
			var vpcs []string
			for _, v := range aws.VPCs {
				vpcs = append(vpcs, v.Title())
			}
			link := aws.Subnets[0].VPC.Why
			if aws.Subnets[0].VPC.Certainty == model.LinkKnown {
				link = "-> " + aws.Subnets[0].VPC.Address + aws.Subnets[0].VPC.ID
			}
			got := []string{strings.Join(vpcs, " "), text(r, aws.VPCs[0].CIDRs[0].Span()), link}
			if block, _ := aws.VPCs[0].CIDRs[0].Get(); block.String() != "10.1.0.0/16" || aws.VPCs[0].Name != "planned" {
				t.Errorf("got %s %s", block, aws.VPCs[0].Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestDoubts: a file of values that Terraform does not read by itself may set a
// variable, unless a plan tells.
func TestDoubts(t *testing.T) {
	t.Parallel()
	const text = `variable "cidr" { default = "10.0.0.0/16" }
resource "aws_vpc" "v" { cidr_block = var.cidr }
`
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for name, tt := range map[string]struct {
		files fstest.MapFS
		paths []string
		want  string
	}{
		"beside":         {fstest.MapFS{"tf/main.tf": file(text), "tf/prod.tfvars": file(`cidr = "10.1.0.0/16"`)}, nil, "var.cidr, which tf/prod.tfvars may set"},
		"below":          {fstest.MapFS{"tf/main.tf": file(text), "tf/env/prod.tfvars": file(`cidr = "10.1.0.0/16"`)}, nil, "var.cidr, which tf/env/prod.tfvars may set"},
		"of another":     {fstest.MapFS{"tf/main.tf": file(text), "other/prod.tfvars": file(`cidr = "10.1.0.0/16"`)}, nil, "10.0.0.0/16"},
		"something else": {fstest.MapFS{"tf/main.tf": file(text), "tf/prod.tfvars": file(`name = "x"`)}, nil, "10.0.0.0/16"},
		"not valid":      {fstest.MapFS{"tf/main.tf": file(text), "tf/prod.tfvars": file(`= {`)}, nil, "10.0.0.0/16"},
		"by itself":      {fstest.MapFS{"tf/main.tf": file(text), "tf/terraform.tfvars": file(`cidr = "10.1.0.0/16"`)}, nil, "10.1.0.0/16"},
		"chosen": {
			fstest.MapFS{"tf/main.tf": file(text), "tf/env/prod.tfvars": file(`cidr = "10.1.0.0/16"`), "tf/env/dev.tfvars": file(`cidr = "10.2.0.0/16"`)},
			[]string{"tf", "tf/env/prod.tfvars"},
			"10.1.0.0/16",
		},
		"chosen, in JSON": {
			fstest.MapFS{"tf/main.tf": file(text), "tf/prod.tfvars.json": file(`{"cidr": "10.1.0.0/16"}`), "tf/dev.tfvars.json": file(`{"cidr": "10.2.0.0/16"}`)},
			[]string{"tf", "tf/prod.tfvars.json"},
			"10.1.0.0/16",
		},
		"beside, in JSON": {
			fstest.MapFS{"tf/main.tf": file(text), "tf/prod.tfvars.json": file(`{"cidr": "10.1.0.0/16"}`)}, nil, "var.cidr, which tf/prod.tfvars.json may set",
		},
		"two that are chosen": {
			fstest.MapFS{"tf/main.tf": file(text), "tf/prod.tfvars": file(`cidr = "10.1.0.0/16"`), "tf/a.tfvars": file(`other = 1`)},
			[]string{"tf", "tf/prod.tfvars", "tf/a.tfvars"},
			"var.cidr, which tf/prod.tfvars may set",
		},
		"with a plan": {fstest.MapFS{"plan.json": file(plan), "main.tf": file(configuration), "prod.tfvars": file(`cidr = "10.9.0.0/16"`)}, nil, "10.1.0.0/16"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := Load(t.Context(), tt.files, Options{Paths: append([]string{"."}, tt.paths...)})
			if err != nil || len(r.Clusters) != 1 {
				t.Fatal(err, r.Clusters)
			}
			block := r.Clusters[0].AWS().VPCs[0].CIDRs[0]
			got := block.Why()
			if known, ok := block.Get(); ok {
				got = known.String()
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestUnseenOwner: parts of what the input does not hold leave nothing to a default.
func TestUnseenOwner(t *testing.T) {
	t.Parallel()
	const text = `resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "s" { vpc_id = aws_vpc.v.id }
resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.s.id
  route_table_id = "rtb-1"
}
resource "aws_network_acl_association" "a" {
  subnet_id      = aws_subnet.s.id
  network_acl_id = "acl-1"
}
resource "aws_route" "some" {
  count                  = var.unset
  route_table_id         = aws_vpc.v.main_route_table_id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = "igw-1"
}
variable "unset" {}
`
	r, err := Load(t.Context(), fstest.MapFS{"main.tf": &fstest.MapFile{Data: []byte(text)}}, Options{Paths: []string{"."}})
	if err != nil || len(r.Clusters) != 1 {
		t.Fatal(err, r.Clusters)
	}
	aws := r.Clusters[0].AWS()
	i := slices.IndexFunc(aws.RouteTables, func(x *model.RouteTable) bool { return x.ID == "rtb-1" })
	j := slices.IndexFunc(aws.NetworkACLs, func(x *model.NetworkACL) bool { return x.ID == "acl-1" })
	if i < 0 || aws.RouteTables[i].Missing == "" || len(aws.RouteTables[i].Subnets) != 1 {
		t.Errorf("route tables: %+v", aws.RouteTables)
	}
	if j < 0 || aws.NetworkACLs[j].Missing == "" || len(aws.NetworkACLs[j].Subnets) != 1 {
		t.Errorf("network ACLs: %+v", aws.NetworkACLs)
	}
	for _, table := range aws.RouteTables {
		if table.ID == "" && (len(table.Routes) > 0 || !strings.Contains(table.Missing, "var.unset")) {
			t.Errorf("main table: %+v", table)
		}
	}
}

// TestPartOfPlan: a plan that calls itself not complete, as those of -target do, or of
// which a part cannot be read, leaves nothing to what it does not hold.
func TestPartOfPlan(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ old, text, want string }{
		"complete":         {"", "", ""},
		"of targets":       {`"configuration"`, `"complete": false, "configuration"`, "plan.json is a plan of a part"},
		"a run that fails": {`"configuration"`, `"errored": true, "configuration"`, "a part of plan.json cannot be read"},
		"another version":  {`"1.2"`, `"2.0"`, "plan.json cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{"plan.json": &fstest.MapFile{Data: []byte(strings.Replace(plan, tt.old, tt.text, 1))}, "a.yaml": configMap()}
			r, err := Load(t.Context(), files, Options{Paths: []string{"."}})
			if err != nil || len(r.Clusters) != 1 {
				t.Fatal(err, r.Clusters)
			}
			var subnet string
			for _, s := range r.Clusters[0].AWS().Subnets {
				subnet += s.Conditional
			}
			if subnet != tt.want {
				t.Errorf("subnets: got %q, want %q", subnet, tt.want)
			}
			if _, obscured := r.Clusters[0].Obscured(model.Workloads, "default"); obscured != (tt.want != "") {
				t.Errorf("obscured %v", obscured)
			}
		})
	}
}
