package suggest_test

import (
	"testing"

	"github.com/ekslint/ekslint/internal/suggest"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"ignorePaths", "clusters", "set", "jobs", "ING-001", "ING-010"}
	for word, want := range map[string]string{
		"ignorePath": "ignorePaths", "IGNOREPATHS": "ignorePaths", "ing-001": "ING-001", "ING-01": "ING-001",
		"job": "jobs", "sets": "set", "frobnicate": "", "x": "", "": "",
	} {
		if got := suggest.Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
	if got := suggest.Meant("job", known); got != `, did you mean "jobs"?` {
		t.Errorf("Meant = %q", got)
	}
	if got := suggest.Meant("frobnicate", known); got != "" {
		t.Errorf("Meant of a stranger = %q", got)
	}
}
