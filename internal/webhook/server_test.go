package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// served is a server, and what it complained of.
type served struct {
	*webhook.Server
	faults []string
}

func serve(t *testing.T, r *webhook.Reviewer) *served {
	t.Helper()
	s := &served{}
	m := webhook.NewMetrics(r.Cluster)
	r.Observe = m.Observe
	s.Server = webhook.NewServer(webhook.ServerOptions{
		Reviewer: r, Metrics: m, Clock: time.Now,
		Fault: func(err error) { s.faults = append(s.faults, err.Error()) },
	})
	return s
}

func (s *served) do(t *testing.T, method, target, kind string, body []byte) *httptest.ResponseRecorder {
	t.Helper()
	out := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), method, target, bytes.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	s.ServeHTTP(out, r)
	return out
}

func reviewOf(t testing.TB, req *admissionv1.AdmissionRequest) []byte {
	t.Helper()
	text, err := json.Marshal(admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"}, Request: req,
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestValidate(t *testing.T) {
	t.Parallel()
	s := serve(t, newReviewer(t, shop))
	bad := reviewOf(t, request(t, admissionv1.Create, badIngress))
	for name, c := range map[string]struct {
		method, kind string
		body         []byte
		code         int
		want         string
	}{
		"a review":              {"POST", "application/json", bad, 200, "ING-005"},
		"with a charset":        {"POST", "application/json; charset=utf-8", bad, 200, "ING-005"},
		"another method":        {"GET", "", nil, 405, ""},
		"no content type":       {"POST", "", bad, 415, "want application/json"},
		"another content type":  {"POST", "text/plain", bad, 415, "want application/json"},
		"no JSON":               {"POST", "application/json", []byte("{"), 400, "not an AdmissionReview"},
		"nothing":               {"POST", "application/json", nil, 400, "not an AdmissionReview"},
		"no request":            {"POST", "application/json", reviewOf(t, nil), 400, "no request"},
		"another version":       {"POST", "application/json", bytes.Replace(bad, []byte("admission.k8s.io/v1"), []byte("admission.k8s.io/v1beta1"), 1), 400, "want an AdmissionReview of admission.k8s.io/v1"},
		"another kind":          {"POST", "application/json", []byte(`{"apiVersion":"admission.k8s.io/v1","kind":"Pod"}`), 400, "want an AdmissionReview"},
		"an object of 3 MB":     {"POST", "application/json", reviewOf(t, request(t, admissionv1.Create, annotated(badIngress, `big: "`+strings.Repeat("x", 3<<20)+`"`))), 200, "ING-005"},
		"a body beyond measure": {"POST", "application/json", bytes.Repeat([]byte(" "), 9<<20), 413, "more than"},
	} {
		out := s.do(t, c.method, "/validate", c.kind, c.body)
		if out.Code != c.code || !strings.Contains(out.Body.String(), c.want) {
			t.Errorf("%s: %d %.200s, want %d %q", name, out.Code, out.Body, c.code, c.want)
		}
	}
	var review admissionv1.AdmissionReview
	out := s.do(t, "POST", "/validate?timeout=3s", "application/json", bad)
	if err := json.Unmarshal(out.Body.Bytes(), &review); err != nil {
		t.Fatal(err)
	}
	if review.APIVersion != "admission.k8s.io/v1" || review.Kind != "AdmissionReview" || review.Response.UID != "u" || review.Response.Allowed {
		t.Errorf("the answer is %s", out.Body)
	}
	if len(s.faults) > 0 {
		t.Errorf("faults: %v", s.faults)
	}
}

// TestReady: no requests come before the cluster is known, and when the process ends.
func TestReady(t *testing.T) {
	t.Parallel()
	r := newReviewer(t, shop)
	known := r.Cluster
	r.Cluster = webhook.NewCluster(webhook.Options{Clock: time.Now})
	s := serve(t, r)
	is := func(target string, code int) {
		t.Helper()
		if out := s.do(t, "GET", target, "", nil); out.Code != code {
			t.Errorf("%s is %d %s, want %d", target, out.Code, out.Body, code)
		}
	}
	is("/healthz", 200)
	is("/readyz", 503)
	if out := s.do(t, "POST", "/validate", "application/json", reviewOf(t, request(t, admissionv1.Create, badIngress))); out.Code != 503 {
		t.Errorf("a review before the cluster is known: %d %s", out.Code, out.Body)
	}
	r.Cluster = known
	is("/readyz", 200)
	s.Drain()
	is("/readyz", 503)
	is("/healthz", 200)
	if out := s.do(t, "POST", "/validate", "application/json", reviewOf(t, request(t, admissionv1.Create, badIngress))); out.Code != 200 {
		t.Errorf("a review while the process drains: %d %s", out.Code, out.Body)
	}
}

// slow is a rule that does what a test wants.
func slow(do func(ctx context.Context)) rule.Checker {
	return checker{rule.Rule{Meta: rule.Meta{ID: "T-1", Title: "t", Category: "t", Severity: rule.Error, Kinds: []string{"Ingress"}}}, do}
}

type checker struct {
	rule.Rule
	do func(ctx context.Context)
}

// Check implements rule.Checker.
func (c checker) Check(ctx context.Context, _ *rule.Pass, _ graph.Object) error {
	c.do(ctx)
	return ctx.Err()
}

// TestDeadline: an answer that takes too long is none.
func TestDeadline(t *testing.T) {
	t.Parallel()
	r := newReviewer(t, shop)
	objects := parse(t, r.Objects, shop)
	var isSlow atomic.Bool
	r.Cluster = webhook.NewCluster(webhook.Options{Clock: time.Now, Analysis: analyzer.Options{
		Checkers: []rule.Checker{slow(func(ctx context.Context) {
			if isSlow.Load() {
				<-ctx.Done()
			}
		})},
	}})
	replace(t, r.Cluster, objects)
	isSlow.Store(true)
	s := serve(t, r)
	begin := time.Now()
	out := s.do(t, "POST", "/validate?timeout=100ms", "application/json", reviewOf(t, request(t, admissionv1.Create, badIngress)))
	if out.Code != http.StatusGatewayTimeout || time.Since(begin) > 5*time.Second {
		t.Errorf("after %v: %d %s", time.Since(begin), out.Code, out.Body)
	}
}

// TestPanic: what panics is no answer, and said.
func TestPanic(t *testing.T) {
	t.Parallel()
	r := newReviewer(t, shop)
	r.Link = func(string) string { panic("no link") }
	s := serve(t, r)
	out := s.do(t, "POST", "/validate", "application/json", reviewOf(t, request(t, admissionv1.Create, badIngress)))
	if out.Code != http.StatusInternalServerError || len(s.faults) != 1 || !strings.Contains(s.faults[0], "no link") {
		t.Errorf("%d %s, faults %v", out.Code, out.Body, s.faults)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := serve(t, newReviewer(t, shop))
	s.do(t, "POST", "/validate", "application/json", reviewOf(t, request(t, admissionv1.Create, badIngress)))
	s.do(t, "POST", "/validate", "application/json", []byte("{"))
	text := s.do(t, "GET", "/metrics", "", nil).Body.String()
	for _, want := range []string{
		`ekslint_webhook_answer_seconds_count{allowed="false"} 1`, `ekslint_webhook_findings_total{mode="enforce",rule="ING-005"} 1`,
		`ekslint_webhook_failures_total{reason="bad request"} 1`, "ekslint_webhook_objects 5", "ekslint_webhook_ready 1", "ekslint_webhook_aws_age_seconds -1",
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// FuzzReview: no body makes the webhook fail in another way than by saying so.
func FuzzReview(f *testing.F) {
	s := serve(&testing.T{}, newReviewer(&testing.T{}, shop))
	for _, object := range []string{badIngress, lonelyService, cutOff, "kind: Pod"} {
		f.Add(reviewOf(f, request(&testing.T{}, admissionv1.Create, object)))
		f.Add(reviewOf(f, request(&testing.T{}, admissionv1.Delete, object)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		out := s.do(t, "POST", "/validate?timeout=3s", "application/json", body)
		if out.Code != http.StatusOK && out.Code != http.StatusBadRequest || len(s.faults) > 0 {
			t.Errorf("%d %s, faults %v", out.Code, out.Body, s.faults)
		}
	})
}
