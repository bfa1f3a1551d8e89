package eks_test

import "testing"

func TestRegion(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{
		"eu-central-1a": "eu-central-1", "us-gov-west-1b": "us-gov-west-1", "us-west-2-lax-1a": "us-west-2", "us-east-1-wl1-bos-wlz-1": "us-east-1",
		"az1": "", "?": "",
	} {
		got := clusterOf(t, podP, "vpc v cidr=10.0.0.0/16\nsubnet a vpc=v az="+zone+"\ncluster c vpc=v\n").Region()
		if got != want {
			t.Errorf("%s: got %q, want %q", zone, got, want)
		}
	}
	if got := clusterOf(t, podP, "").Region(); got != "" {
		t.Errorf("no VPC: got %q", got)
	}
}
