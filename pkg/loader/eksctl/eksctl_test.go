package eksctl_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/eksctl"
	"github.com/ekslint/ekslint/pkg/loader/loadertest"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// read loads a config that stands behind other text of its file.
func read(t testing.TB, text []byte) (aws *model.AWS, problems []model.Problem, file []byte) {
	t.Helper()
	const before = "a: b\n---\n"
	root, err := syntax.ParseYAML(text)
	if err != nil || root == nil {
		t.Skip("not YAML")
	}
	aws, problems = eksctl.Load(root, "cluster.yaml", len(before))
	return aws, problems, append([]byte(before), text...)
}

// TestGolden reads a VPC that eksctl makes, one that exists, a private cluster, and
// subnets whose blocks are given.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			aws, problems, file := read(t, text)
			if len(problems) > 0 {
				t.Errorf("problems: %v", problems)
			}
			loadertest.Golden(t, strings.TrimSuffix(name, ".yaml")+".golden", loadertest.Dump(aws, file))
		})
	}
}

const head = "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: shop, region: eu-central-1}\n"

// TestFacts are single facts: lines of the dump that a config has, and those that it
// has not.
func TestFacts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		config string
		want   []string
	}{
		"the default block in three zones": {head, []string{
			"VPCs[0].CIDRs[0] = 192.168.0.0/16", "Subnets[2].CIDR = 192.168.64.0/19", "Subnets[3].CIDR = 192.168.96.0/19",
			"Subnets[0].AvailabilityZone = ? (eksctl chooses the zone)", "NATGateways[0].Address = vpc/nat-gateways/0",
		}},
		"five zones": {head + "availabilityZones: [us-x-1a, us-x-1b, us-x-1c, us-x-1d, us-x-1e]\n", []string{
			"Subnets[4].CIDR = 192.168.64.0/20", "Subnets[5].CIDR = 192.168.80.0/20",
		}},
		"zones that are not known":  {strings.Replace(head, "eu-central-1", "us-west-1", 1), []string{"Clusters[0].Subnets[0] =  certainty 0 (how many zones eksctl chooses is not known)"}},
		"zones by a placeholder":    {head + "availabilityZones: ['${ZONE}']\n", []string{"Clusters[0].Subnets[0] =  certainty 0 (the zones of the cluster are not known)"}},
		"local zones":               {head + "localZones: [us-west-2-lax-1a]\n", []string{"Clusters[0].Subnets[0] =  certainty 0 (the subnets of a cluster with localZones are not derived)"}},
		"IPv6":                      {head + "kubernetesNetworkConfig: {ipFamily: IPv6}\n", []string{"Clusters[0].IPFamily = ipv6", "Clusters[0].Subnets[0] =  certainty 0 (the subnets of a cluster of IPv6 are not derived)"}},
		"NAT by a placeholder":      {head + "vpc: {nat: {gateway: '${NAT}'}}\n", []string{"RouteTables[1].Missing = whether there are NAT gateways is not known"}},
		"a small block":             {head + "vpc: {cidr: 10.0.0.0/26}\n", []string{"Subnets[0].CIDR = ? (eksctl divides the block of the VPC)"}},
		"the endpoint of the API":   {head, []string{"Clusters[0].PublicAccess = true", "Clusters[0].PrivateAccess = false", "Clusters[0].PublicCIDRs[0] = 0.0.0.0/0"}},
		"sizes, none given":         {head + "managedNodeGroups: [{name: a}]\n", []string{"NodeGroups[0].Min = 2", "NodeGroups[0].Desired = 2", "NodeGroups[0].Max = 2", "NodeGroups[0].InstanceTypes[0] = m5.large"}},
		"sizes, the least given":    {head + "managedNodeGroups: [{name: a, minSize: 3}]\n", []string{"NodeGroups[0].Min = 3", "NodeGroups[0].Desired = 3", "NodeGroups[0].Max = 3"}},
		"sizes, the most given":     {head + "managedNodeGroups: [{name: a, maxSize: 5}]\n", []string{"NodeGroups[0].Min = 2", "NodeGroups[0].Desired = 2", "NodeGroups[0].Max = 5"}},
		"SSH from everywhere":       {head + "managedNodeGroups: [{name: a, ssh: {allow: true}}]\n", []string{"NodeGroups[0].RemoteAccess = true", "SecurityGroups[2].Rules[2].Peer.CIDR = 0.0.0.0/0", "SecurityGroups[2].Rules[3].Peer.CIDR = ::/0"}},
		"SSH to private nodes":      {head + "managedNodeGroups: [{name: a, privateNetworking: true, ssh: {publicKeyName: k}}]\n", []string{"SecurityGroups[2].Rules[2].Peer.CIDR = 192.168.0.0/16"}},
		"SSH switched off":          {head + "managedNodeGroups: [{name: a, ssh: {allow: false, publicKeyName: k}}]\n", []string{"NodeGroups[0].RemoteAccess = false"}},
		"EFA":                       {head + "managedNodeGroups: [{name: a, efaEnabled: true}]\n", []string{"LaunchTemplates[0].SecurityGroups[1] =  certainty 0 (eksctl adds a security group for EFA)"}},
		"two architectures":         {head + "managedNodeGroups: [{name: a, instanceTypes: [m5.large, m6g.large]}]\n", []string{"NodeGroups[0].AMIType = ? (the instance types have several architectures)"}},
		"a group that is not known": {head + "managedNodeGroups: ['${GROUP}']\n", []string{"NodeGroups[0].TaintsMissing = ${GROUP}", "NodeGroups[0].Labels.Missing = ${GROUP}"}},
		"subnets by a placeholder":  {head + "vpc: {subnets: '${SUBNETS}'}\n", []string{"Clusters[0].VPC =  certainty 0 (the VPC is that of the subnets)"}},
		"perhaps the shared group": {head + "nodeGroups: [{name: a, securityGroups: {withShared: '${SHARED}', withLocal: false}}]\n", []string{
			"LaunchTemplates[0].SecurityGroups[0] = vpc/shared-node-security-group certainty 1",
		}},
		"a group that others manage": {head + "vpc: {sharedNodeSecurityGroup: sg-1}\n", []string{"Separate[0].Conditional = eksctl may admit the security group that nodes share"}},
		"rules that are not managed": {head + "vpc: {sharedNodeSecurityGroup: sg-1, manageSharedNodeSecurityGroupRules: false}\n", []string{"SecurityGroups[0].Address = vpc/control-plane-security-group"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			aws, problems, _ := read(t, []byte(tt.config))
			if len(problems) > 0 {
				t.Errorf("problems: %v", problems)
			}
			dump := "\n" + loadertest.Dump(aws, nil)
			for _, line := range tt.want {
				if !strings.Contains(dump, "\n"+line+"\n") {
					t.Errorf("there is no line %q in\n%s", line, dump)
				}
			}
		})
	}
}

// TestProblems: what cannot be read has a place, and the rest counts.
func TestProblems(t *testing.T) {
	t.Parallel()
	aws, problems, file := read(t, []byte(head+"vpc: {cidr: all}\nmanagedNodeGroups: [{name: a, maxSize: many}, 7]\n"))
	var got []string
	for _, p := range problems {
		got = append(got, p.Message+" @ "+string(file[p.At.Start:p.At.End]))
	}
	want := []string{
		`cidr: want a CIDR block, got "all" @ all`,
		`managedNodeGroups: want an object, got "7" @ 7`,
		`maxSize: want a whole number, got "many" @ many`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(aws.NodeGroups) != 1 || len(aws.Clusters) != 1 {
		t.Errorf("got %d node groups, %d clusters", len(aws.NodeGroups), len(aws.Clusters))
	}
}

// FuzzLoad: no panic, and every place lies in its file.
func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.yaml")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("a: &a [*a]\nvpc: *a\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		aws, problems, file := read(t, text)
		check := func(at model.Span) {
			if at.Start < 0 || at.End > len(file) || at.Start > at.End {
				t.Errorf("place %v of %d bytes", at, len(file))
			}
		}
		loadertest.Spans(aws, check)
		for _, p := range problems {
			check(p.At)
		}
	})
}
