package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ekslint/ekslint/internal/cli"
)

// TestProbesOfKubernetes asks every connectivity probe that was read out of the
// Kubernetes end-to-end suite.
func TestProbesOfKubernetes(t *testing.T) {
	t.Parallel()
	const dir = "../../../shared/truth"
	text, err := os.ReadFile(filepath.Join(dir, "k8s-e2e.json"))
	if err != nil {
		t.Skipf("the probes of the Kubernetes suite are not here: %v", err)
	}
	type probe struct {
		Src, Dst, Proto string
		Port            int
		Allowed         bool
		Verdict         string
	}
	var cases []struct {
		Name      string
		Manifests []string
		Expect    json.RawMessage
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, c := range cases {
		file := filepath.Join(t.TempDir(), "probes.json")
		if err := os.WriteFile(file, c.Expect, 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"reach", "--probe", file}
		for _, m := range c.Manifests {
			args = append(args, filepath.Join(dir, m))
		}
		var stdout, stderr bytes.Buffer
		if code := cli.Run(t.Context(), args, strings.NewReader(""), &stdout, &stderr); code != cli.ExitClean {
			t.Fatalf("%s: exit code %d: %s", c.Name, code, stderr.String())
		}
		var want, got []probe
		if err := json.Unmarshal(c.Expect, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(stdout.Bytes(), &got); err != nil || len(got) != len(want) {
			t.Fatalf("%s: %d answers to %d probes: %v", c.Name, len(got), len(want), err)
		}
		for i, p := range want {
			asked++
			if verdict := map[bool]string{true: "open", false: "blocked"}[p.Allowed]; got[i].Verdict != verdict {
				t.Errorf("%s: %+v is %s", c.Name, p, got[i].Verdict)
			}
		}
	}
	if asked == 0 {
		t.Error("no probe was asked")
	}
}
