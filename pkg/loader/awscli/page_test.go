package awscli_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/awscli"
)

// TestUnfinished: which lists go on behind what the files hold.
func TestUnfinished(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		files [][2]string
		want  string
	}{
		"whole":         {[][2]string{{"a.json", `{"Subnets": [{"SubnetId": "s"}]}`}}, ""},
		"no token":      {[][2]string{{"a.json", `{"Subnets": [{"SubnetId": "s"}], "NextToken": null}`}}, ""},
		"empty token":   {[][2]string{{"a.json", `{"Subnets": [{"SubnetId": "s"}], "NextToken": ""}`}}, ""},
		"a page":        {[][2]string{{"a.json", `{"Subnets": [{"SubnetId": "s"}], "NextToken": "x"}`}}, "a.json Subnets NextToken"},
		"a marker":      {[][2]string{{"a.json", `{"LoadBalancers": [{"LoadBalancerArn": "l"}], "NextMarker": "x"}`}}, "a.json LoadBalancers NextMarker"},
		"of EKS":        {[][2]string{{"a.json", `{"Vpcs": [], "nextToken": "x"}`}}, "a.json Vpcs nextToken"},
		"two of a kind": {[][2]string{{"a.json", `{"Subnets": [], "NextToken": "x"}`}, {"b.json", `{"Subnets": [], "NextToken": "y"}`}}, "a.json Subnets NextToken, b.json Subnets NextToken"},
		"continued":     {[][2]string{{"a.json", `{"Subnets": [], "NextToken": "x"}`}, {"b.json", `{"Subnets": []}`}}, ""},
		"in one file":   {[][2]string{{"a.json", `{"Subnets": [], "NextToken": "x"} {"Subnets": []}`}}, ""},
		"another list":  {[][2]string{{"a.json", `{"Subnets": [], "NextToken": "x"}`}, {"b.json", `{"Vpcs": []}`}}, "a.json Subnets NextToken"},
		"another folder": {
			[][2]string{{"dev/a.json", `{"Subnets": [], "NextToken": "x"}`}, {"prod/a.json", `{"Subnets": []}`}}, "dev/a.json Subnets NextToken",
		},
		"several lists": {[][2]string{{"a.json", `{"Vpcs": [], "Subnets": [], "NextToken": "x"}`}}, "a.json Vpcs NextToken, a.json Subnets NextToken"},
		"one object":    {[][2]string{{"a.json", `{"cluster": {"name": "c", "resourcesVpcConfig": {}}, "NextToken": "x"}`}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var pages []awscli.Page
			for _, f := range tt.files {
				pages = append(pages, awscli.Load(f[0], []byte(f[1])).Pages...)
			}
			var got []string
			for _, p := range awscli.Unfinished(pages) {
				got = append(got, p.File+" "+p.Key+" "+p.Token)
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestUnseen: what may be on a later page is a resource that nothing certain is
// known of.
func TestUnseen(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]int{
		"Subnets": 1, "RouteTables": 1, "NetworkAcls": 1, "VpcEndpoints": 1, "FlowLogs": 1, "SecurityGroups": 1, "Vpcs": 0, "NatGateways": 0,
	} {
		if got := (awscli.Page{File: "a.json", Key: key, Token: "NextToken"}).Unseen().Len(); got != want {
			t.Errorf("%s: %d", key, got)
		}
	}
}
