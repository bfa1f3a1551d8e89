package corefile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer/corefile"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const text = `# of EKS
(common) {
    errors
    cache 30
}
.:53, example.org {
    import common
    health {
        lameduck 5s
    }
    kubernetes cluster.local in-addr.arpa {
      pods insecure
    }
    forward . /etc/resolv.conf {$HOME}
}
corp.example:5353 {
    import /etc/coredns/custom/*.override
    forward . 10.0.0.2
}
`
	got, err := corefile.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want := corefile.File{Blocks: []corefile.Block{
		{
			Keys: []string{".:53", "example.org"}, Line: 6, Plugins: []corefile.Plugin{
				{Name: "errors", Line: 3},
				{Name: "cache", Args: []string{"30"}, Line: 4},
				{Name: "health", Line: 8, Body: []corefile.Plugin{{Name: "lameduck", Args: []string{"5s"}, Line: 9}}},
				{
					Name: "kubernetes", Args: []string{"cluster.local", "in-addr.arpa"}, Line: 11,
					Body: []corefile.Plugin{{Name: "pods", Args: []string{"insecure"}, Line: 12}},
				},
				{Name: "forward", Args: []string{".", "/etc/resolv.conf", "{$HOME}"}, Line: 14},
			},
		},
		{
			Keys: []string{"corp.example:5353"}, Line: 16, Incomplete: true,
			Plugins: []corefile.Plugin{{Name: "forward", Args: []string{".", "10.0.0.2"}, Line: 18}},
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if !got.Blocks[0].Root() || got.Blocks[1].Root() {
		t.Error("the first block alone is for every name")
	}
}

func TestParseFails(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		".:53 {\n  errors\n":        "line 1: the brace is not closed",
		".:53 {\n  health {\n  }\n": "line 1: the brace is not closed",
		".:53\nerrors\n":            "line 1: a server block needs its plugins in braces",
		". {\n {\n }\n}\n":          "line 2: a brace without a plugin",
		"}\n":                       "line 1: a server block needs its plugins in braces",
	} {
		if _, err := corefile.Parse(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestRoot(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		".": true, ".:53": true, ":53": true, "dns://.:53": true, ".:5353": false, "tls://.:853": false, "example.org": false, "": true,
	} {
		if got := (corefile.Block{Keys: []string{key}}).Root(); got != want {
			t.Errorf("%q: %v, want %v", key, got, want)
		}
	}
}

func TestUpstream(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"10.0.0.2": "10.0.0.2 53", "10.0.0.2:5353": "10.0.0.2 5353", "dns://10.0.0.2": "10.0.0.2 53", "::1": "::1 53",
		"[::1]:54": "::1 54", "tls://1.1.1.1": "1.1.1.1 853", "tls://1.1.1.1:853": "1.1.1.1 853",
		"/etc/resolv.conf": "", "https://1.1.1.1": "", "{$UPSTREAM}": "",
	} {
		got := ""
		if address, port, ok := corefile.Upstream(target); ok {
			got = address.String() + " " + port
		}
		if got != want {
			t.Errorf("%q: %q, want %q", target, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"", ".:53 {\n errors\n}\n", "(a) {\n import a\n}\n. {\n import a\n}\n", "{{{{", "\"", "a {\nb {\nc {\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := corefile.Parse(text)
		if err == nil && len(got.Blocks) > len(text) {
			t.Errorf("%d blocks in %d bytes", len(got.Blocks), len(text))
		}
	})
}
