package suppression_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/analyzer/suppression"
	"github.com/ekslint/ekslint/pkg/model"
)

func date(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParse(t *testing.T) {
	t.Parallel()
	day := date(t, "2027-03-31")
	for text, want := range map[string]suppression.Entry{
		"ING-005 why not":               {Rule: "ING-005", Reason: "why not"},
		" ING-005:  why   not ":         {Rule: "ING-005", Reason: "why not"},
		"ING-005 until 2027-03-31 why":  {Rule: "ING-005", Reason: "why", Until: day},
		"ING-005 why until 2027-03-31.": {Rule: "ING-005", Reason: "why", Until: day},
		"ING-005 kept until they move":  {Rule: "ING-005", Reason: "kept until they move"},
		"ING-005 until":                 {Rule: "ING-005", Reason: "until"},
	} {
		got, err := suppression.Parse(text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Parse(%q): %v (-want +got):\n%s", text, err, diff)
		}
	}
	for text, want := range map[string]string{
		"": "names no rule", "ING-005": "gives no reason", "ING-005 until 2027-03-31": "gives no reason",
		"ING-005 until 2027-02-30 why": "is no date", "ING-005 until 31.3.2027 why": "is no date",
	} {
		if _, err := suppression.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, want %q", text, err, want)
		}
	}
}

func TestIsExpired(t *testing.T) {
	t.Parallel()
	e := suppression.Entry{Until: date(t, "2027-03-31")}
	for now, want := range map[string]bool{
		"2027-03-31T23:59:59Z": false, "2027-04-01T00:00:00Z": true, "2027-04-01T01:00:00+02:00": false, "2027-03-31T23:30:00-02:00": true,
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.IsExpired(at); got != want {
			t.Errorf("expired at %s: %v", now, got)
		}
	}
	if (suppression.Entry{}).IsExpired(time.Now()) {
		t.Error("an entry without a date expires")
	}
}

func service(annotation string) *model.Resource {
	s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "shop", Labels: map[string]string{"app": "web"}}}
	if annotation != "" {
		s.Annotations = map[string]string{suppression.Annotation: annotation}
	}
	return &model.Resource{Ref: model.Ref{Kind: "Service", Namespace: "shop", Name: "web"}, Version: "v1", Object: s}
}

// TestAccepts: each condition of an entry has to hold.
func TestAccepts(t *testing.T) {
	t.Parallel()
	metas := []rule.Meta{{ID: "SVC-001", Category: "service"}, {ID: "ING-001", Category: "ingress"}}
	r := service("")
	f := rule.Finding{RuleID: "SVC-001", Subject: r.Ref, At: rule.Place{Resource: r, Span: model.Span{File: "vendor/a/x.yaml", Start: 20, End: 25}}}
	object := func(kind, namespace, name string) suppression.Object {
		return suppression.Object{Kind: kind, Namespace: namespace, Name: name}
	}
	for name, c := range map[string]struct {
		entry suppression.Entry
		want  bool
	}{
		"rule":             {suppression.Entry{Rule: "SVC-001", Path: "vendor"}, true},
		"category":         {suppression.Entry{Rule: "service", Path: "vendor/**"}, true},
		"all":              {suppression.Entry{Rule: "*", Path: "vendor/*/x.yaml"}, true},
		"other rule":       {suppression.Entry{Rule: "ING-001", Path: "vendor"}, false},
		"other path":       {suppression.Entry{Rule: "*", Path: "vend"}, false},
		"the whole tree":   {suppression.Entry{Rule: "*", Path: "."}, true},
		"object":           {suppression.Entry{Rule: "*", Object: object("Service", "shop", "web")}, true},
		"object by globs":  {suppression.Entry{Rule: "*", Object: object("Serv*", "", "w?b")}, true},
		"other kind":       {suppression.Entry{Rule: "*", Object: object("Ingress", "shop", "web")}, false},
		"other namespace":  {suppression.Entry{Rule: "*", Object: object("Service", "data", "web")}, false},
		"labels":           {suppression.Entry{Rule: "*", Object: suppression.Object{Labels: map[string]string{"app": "web"}}}, true},
		"other labels":     {suppression.Entry{Rule: "*", Object: suppression.Object{Labels: map[string]string{"app": "db"}}}, false},
		"path, not object": {suppression.Entry{Rule: "*", Path: "vendor", Object: object("Ingress", "", "")}, false},
		"expired":          {suppression.Entry{Rule: "*", Path: "vendor", Until: date(t, "2020-01-01")}, false},
	} {
		set := suppression.New(metas, date(t, "2026-01-01"), []suppression.Entry{c.entry}, nil)
		got := set.Of(model.NewSnapshot(model.Scope{}, []*model.Resource{r})).Accepts(f)
		if (len(got) == 1) != c.want {
			t.Errorf("%s: accepted by %v", name, got)
		}
	}
}

// TestAnnotation: each line, or part between semicolons, is a rule.
func TestAnnotation(t *testing.T) {
	t.Parallel()
	metas := []rule.Meta{{ID: "SVC-001"}, {ID: "SVC-002"}, {ID: rule.NoEffect}}
	r := service("SVC-001 Known.; SVC-002 Known as well.\nSVC-009 Why\nLOAD-003 Why;\n")
	c := suppression.New(metas, time.Time{}, nil, nil).Of(model.NewSnapshot(model.Scope{}, []*model.Resource{r}))
	for id, want := range map[string]int{"SVC-001": 1, "SVC-002": 1, "SVC-009": 0} {
		if got := c.Accepts(rule.Finding{RuleID: id, Subject: r.Ref}); len(got) != want {
			t.Errorf("%s is accepted by %v", id, got)
		}
	}
	if len(c.Problems) != 2 {
		t.Errorf("problems: %v", c.Problems)
	}
	var none *suppression.Set
	if got := none.Of(model.NewSnapshot(model.Scope{}, []*model.Resource{r})).Accepts(rule.Finding{RuleID: "SVC-001", Subject: r.Ref}); got != nil {
		t.Errorf("no set accepts %v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("ING-005 why until 2027-03-31")
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := suppression.Parse(text); err == nil && (e.Rule == "" && !strings.HasPrefix(strings.TrimSpace(text), ":") || e.Reason == "") {
			t.Errorf("Parse(%q) = %+v", text, e)
		}
	})
}
