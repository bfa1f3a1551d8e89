package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/internal/cli"
)

// demoNames are the resources of the demo cluster as Terraform, CloudFormation and
// AWS name them.
var demoNames = strings.NewReplacer(
	"subnet PublicA", "subnet demo-public-a", "subnet PublicB", "subnet demo-public-b",
	"subnet PrivateA", "subnet demo-private-a", "subnet PrivateB", "subnet demo-private-b",
	"internet gateway InternetGateway", "internet gateway igw-0d3a000000000001", "NAT gateway NatGateway", "NAT gateway nat-0d3a000000000001",
	"Vpc/default-network-acl", "acl-0d3a000000000001", "NodeGroup", "demo-node", "LoadBalancerGroup", "demo-alb",
	`aws_subnet.public["a"]`, "demo-public-a", `aws_subnet.public["b"]`, "demo-public-b",
	`aws_subnet.private["a"]`, "demo-private-a", `aws_subnet.private["b"]`, "demo-private-b",
	"aws_internet_gateway.demo", "igw-0d3a000000000001", "aws_nat_gateway.demo", "nat-0d3a000000000001",
	"aws_vpc.demo/default-network-acl", "acl-0d3a000000000001", "aws_security_group.node", "demo-node", "aws_security_group.alb", "demo-alb",
	"aws_eks_cluster.demo/cluster-security-group", "eks-cluster-sg-demo", "aws_eks_cluster.demo", "demo",
	"NAT gateway demo", "NAT gateway nat-0d3a000000000001",
)

// TestDemoVariants: the demo cluster is judged alike, whether its AWS side is what
// the AWS CLI prints, or the same network in Terraform or CloudFormation.
func TestDemoVariants(t *testing.T) {
	clusters, err := filepath.Abs("../../testdata/clusters")
	if err != nil {
		t.Fatal(err)
	}
	answers := func(aws string, questions ...[]string) []string {
		t.Helper()
		dir := t.TempDir()
		if err := os.CopyFS(filepath.Join(dir, "k8s"), os.DirFS(filepath.Join(clusters, "demo"))); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(dir, "k8s", "aws")); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(filepath.Join(dir, "aws"), os.DirFS(filepath.Join(clusters, aws))); err != nil {
			t.Fatal(err)
		}
		t.Chdir(dir)
		var out []string
		for _, q := range questions {
			var stdout, stderr bytes.Buffer
			cli.Run(t.Context(), q, strings.NewReader(""), &stdout, &stderr)
			if stdout.Len() == 0 {
				t.Fatalf("%s, %v: %s", aws, q, stderr.String())
			}
			out = append(out, withoutPlaces(t, stdout.Bytes())...)
		}
		return out
	}
	questions := [][]string{
		{"check", "k8s", "aws", "--format", "json"},
		{"reach", "k8s", "aws", "--from", "internet", "--to", "shop/api", "--format", "json"},
		{"reach", "k8s", "aws", "--from", "internet", "--to", "shop/web", "--format", "json"},
		{"reach", "k8s", "aws", "--from", "shop/api", "--to", "data/postgres", "--format", "json"},
		{"reach", "k8s", "aws", "--from", "shop/api", "--to", "8.8.8.8", "--port", "443", "--format", "json"},
	}
	want := answers("demo/aws", questions...)
	if len(want) < 50 {
		t.Errorf("only %d lines to compare", len(want))
	}
	for _, variant := range []string{"demo-terraform", "demo-cloudformation"} {
		if diff := cmp.Diff(want, answers(variant, questions...)); diff != "" {
			t.Errorf("-AWS CLI +%s:\n%s", variant, diff)
		}
	}
}

// withoutPlaces writes JSON in lines, without places in files of the AWS side and
// with the names of AWS.
func withoutPlaces(t *testing.T, text []byte) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	named, err := json.MarshalIndent(strip(v), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(named), "\n")
}

func strip(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = strip(v[i])
		}
	case map[string]any:
		file, _ := v["file"].(string)
		for key := range v {
			isPlace := strings.HasSuffix(strings.ToLower(key), "line") || strings.HasSuffix(strings.ToLower(key), "column") || key == "file" || key == "snippet"
			switch {
			case strings.HasPrefix(file, "aws/") && isPlace, key == "fingerprint", key == "resources":
				delete(v, key)
			default:
				v[key] = strip(v[key])
			}
		}
	case string:
		if v == "Cluster" { // its name in CloudFormation
			return "demo"
		}
		return demoNames.Replace(v)
	}
	return v
}
