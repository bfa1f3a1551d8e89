package graph

import (
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
)

// TestCoversPathIsSound holds coversPath against every short path: whatever the
// inner rule matches, an outer rule that covers it must match too.
func TestCoversPathIsSound(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	paths := words("/ab", 5)
	covered := 0
	for range 4000 {
		outer, inner := randomBackend(random), randomBackend(random)
		if !coversPath(outer, inner) {
			continue
		}
		covered++
		for _, p := range paths {
			if matches(inner, p) && !matches(outer, p) {
				t.Fatalf("%s %q covers %s %q, but only the inner one matches %q",
					outer.PathType, outer.HTTPPath, inner.PathType, inner.HTTPPath, p)
			}
		}
	}
	if covered < 200 {
		t.Errorf("only %d of the random pairs are covered: the test shows little", covered)
	}
}

func randomBackend(random *rand.Rand) *Backend {
	types := []networkingv1.PathType{
		networkingv1.PathTypeExact, networkingv1.PathTypePrefix, networkingv1.PathTypeImplementationSpecific,
	}
	b := &Backend{PathType: types[random.IntN(len(types))]}
	alphabet := "/ab"
	if b.PathType == networkingv1.PathTypeImplementationSpecific {
		alphabet = "/ab*?"
	}
	text := "/"
	for range random.IntN(4) {
		text += string(alphabet[random.IntN(len(alphabet))])
	}
	b.HTTPPath = text
	return b
}

// matches asks the listener rule's patterns directly.
func matches(b *Backend, p string) bool {
	for _, pattern := range patterns(b) {
		if wildcard(pattern, p) {
			return true
		}
	}
	return false
}

// wildcard is the load balancer's matching: * is any text, ? any character.
func wildcard(pattern, text string) bool {
	// path.Match stops * at a slash, so the slash is renamed on both sides.
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "s"), strings.ReplaceAll(text, "/", "s"))
	return err == nil && ok
}

func words(alphabet string, most int) []string {
	out := []string{""}
	for from := 0; most > 0; most-- {
		next := out[from:]
		from = len(out)
		for _, w := range next {
			for _, c := range alphabet {
				out = append(out, w+string(c))
			}
		}
	}
	return out
}

func TestCoversPath(t *testing.T) {
	t.Parallel()
	exact, prefix, other := networkingv1.PathTypeExact, networkingv1.PathTypePrefix, networkingv1.PathTypeImplementationSpecific
	for _, tt := range []struct {
		outer, inner         string
		outerType, innerType networkingv1.PathType
		want                 bool
	}{
		{"/", "/api", prefix, prefix, true},
		{"/", "/api/*", prefix, other, true},
		{"/", "/api/*", other, other, false},
		{"/*", "/api", other, exact, true},
		{"/api", "/api/v1", prefix, exact, true},
		{"/api", "/apis", prefix, prefix, false},
		{"/api/", "/api", prefix, prefix, true},
		{"/api*", "/api", other, prefix, true},
		{"/api/*", "/api", other, prefix, false},
		{"/a?i", "/api", other, exact, false},
		{"/a?i", "/a?i", other, other, true},
		{"", "/api", other, exact, true},
	} {
		got := coversPath(&Backend{HTTPPath: tt.outer, PathType: tt.outerType}, &Backend{HTTPPath: tt.inner, PathType: tt.innerType})
		if got != tt.want {
			t.Errorf("%s %q covers %s %q = %v, want %v", tt.outerType, tt.outer, tt.innerType, tt.inner, got, tt.want)
		}
	}
}

func TestCoversHost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		outer, inner string
		want         bool
	}{
		{"", "a.example.com", true},
		{"", "", true},
		{"a.example.com", "", false},
		{"a.example.com", "a.example.com", true},
		{"*.example.com", "a.example.com", true},
		{"*.example.com", "a.b.example.com", true},
		{"*.example.com", "example.com", false},
		{"*.example.com", "*.b.example.com", true},
		{"a.example.com", "*.example.com", false},
	} {
		if got := coversHost(tt.outer, tt.inner); got != tt.want {
			t.Errorf("host %q covers %q = %v, want %v", tt.outer, tt.inner, got, tt.want)
		}
	}
}
