package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/analyzer"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// cases are the reports that every format must manage.
func cases(t *testing.T) map[string]struct {
	report  analyzer.Report
	options Options
} {
	t.Helper()
	type testCase = struct {
		report  analyzer.Report
		options Options
	}
	all := fixtureReport(t)
	clean := analyzer.Report{Clusters: []analyzer.Cluster{{Name: "shop", Resources: 1}}, Rules: fixtureRules()}
	quiet := fixtureOptions()
	quiet.Quiet = true
	colour := fixtureOptions()
	colour.Color = true
	single := analyzer.Report{
		Clusters: all.Clusters[:1], Rules: all.Rules, Findings: all.Findings[:1], Problems: all.Problems[:1],
	}
	return map[string]testCase{
		"all":    {all, fixtureOptions()},
		"clean":  {clean, fixtureOptions()},
		"empty":  {analyzer.Report{}, Options{}},
		"bare":   {all, Options{}},
		"quiet":  {all, quiet},
		"colour": {single, colour},
	}
}

func render(t *testing.T, f Format, r analyzer.Report, o Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := f.Write(&out, r, o); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return out.String()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, c := range cases(t) {
		for _, f := range Formats() {
			if f.Name != "text" && (name == "quiet" || name == "colour") {
				continue
			}
			t.Run(name+"/"+f.Name, func(t *testing.T) {
				t.Parallel()
				got := render(t, f, c.report, c.options)
				golden(t, name+"."+f.Name, got)
				if again := render(t, f, c.report, c.options); again != got {
					t.Errorf("second run differs:\n%s", cmp.Diff(got, again))
				}
			})
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got), -update rewrites it:\n%s", file, diff)
	}
}

func TestTextIsTidy(t *testing.T) {
	t.Parallel()
	for name, c := range cases(t) {
		got := render(t, Formats()[0], c.report, c.options)
		trailing := regexp.MustCompile(`(?m)[ \t\r]+$`)
		if name != "colour" && trailing.MatchString(got) {
			t.Errorf("%s: trailing white space in %q", name, trailing.FindString(got))
		}
		if name != "colour" && strings.Contains(got, "\x1b") {
			t.Errorf("%s: escape sequence without colour", name)
		}
		if strings.Contains(got, "\n\n\n") || strings.HasPrefix(got, "\n") {
			t.Errorf("%s: more than one empty line", name)
		}
	}
}

// failingWriter takes nothing.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriteError(t *testing.T) {
	t.Parallel()
	for _, f := range Formats() {
		if err := f.Write(failingWriter{}, fixtureReport(t), fixtureOptions()); err == nil {
			t.Errorf("%s: the error of the writer is lost", f.Name)
		}
	}
}
