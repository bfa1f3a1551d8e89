package deploy_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/internal/webhook/kubetest"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// exposed are the metrics of a webhook that has answered, failed, found and audited, with
// their labels.
func exposed(t *testing.T) map[string][]string {
	t.Helper()
	clock := func() time.Time { return time.Unix(1e9, 0) }
	objects := webhook.NewObjects(nil)
	service, err := objects.Read([]byte(`{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "a"}}`))
	if err != nil {
		t.Fatal(err)
	}
	cluster := webhook.NewCluster(webhook.Options{Clock: clock, Analysis: analyzer.Options{Checkers: []rule.Checker{rule.Rule{
		Meta: rule.Meta{ID: "A-001", Severity: rule.Error, Kinds: []string{"Service"}},
		Run:  func(p *rule.Pass, _ graph.Object) { p.Report(rule.Finding{Message: "bad"}) },
	}}}})
	if err := cluster.Replace(t.Context(), "live", []*model.Resource{service}); err != nil {
		t.Fatal(err)
	}
	metrics := webhook.NewMetrics(cluster)
	auditor := webhook.NewAuditor(webhook.AuditOptions{Cluster: cluster, Metrics: metrics, Interval: time.Hour, Fault: func(error) {}, Clock: clock})
	server := webhook.NewServer(webhook.ServerOptions{
		Reviewer: &webhook.Reviewer{Cluster: cluster, Objects: objects}, Metrics: metrics, Auditor: auditor, Fault: func(error) {}, Clock: clock,
	})
	metrics.Observe(webhook.Answer{Harm: []webhook.Harm{{Finding: rule.Finding{RuleID: "A-001"}}}, Modes: []webhook.Mode{webhook.Warn}})
	review, err := json.Marshal(admissionv1.AdmissionReview{Request: &admissionv1.AdmissionRequest{UID: types.UID("u"), Operation: admissionv1.Connect}})
	if err != nil {
		t.Fatal(err)
	}
	authority, pair := kubetest.Certificate(t)
	certificate, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go auditor.Run(ctx)
	go auditor.Lead(ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- server.Serve(ctx, listener, func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &certificate, nil }, 0)
	}()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.Certificate)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	defer func() {
		client.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	ask := func(method, path, body string) string {
		r, err := http.NewRequestWithContext(t.Context(), method, "https://"+listener.Addr().String()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	ask(http.MethodPost, "/validate", strings.Replace(string(review), "{", `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview",`, 1))
	ask(http.MethodPost, "/validate", "no review")
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(ask(http.MethodGet, "/metrics", ""), "ekslint_audit_findings{") {
		<-tick.C
	}
	out := map[string][]string{}
	label := regexp.MustCompile(`(\w+)="`)
	for _, m := range regexp.MustCompile(`(?m)^(\w+)(\{.*\})? \S+$`).FindAllStringSubmatch(ask(http.MethodGet, "/metrics", ""), -1) {
		out[m[1]] = nil
		for _, l := range label.FindAllStringSubmatch(m[2], -1) {
			out[m[1]] = append(out[m[1]], l[1])
		}
	}
	return out
}

// metricsIn are the metrics that a text names.
func metricsIn(text string) []string {
	return regexp.MustCompile(`\b(?:ekslint|process|go)_\w+`).FindAllString(text, -1)
}

// TestDashboard: each expression names metrics and labels that the webhook exposes, and
// none of its own metrics is left out.
func TestDashboard(t *testing.T) {
	t.Parallel()
	text := read(t, "../../deploy/grafana/ekslint-webhook.json")
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr, LegendFormat string }
		}
		Templating struct {
			List []struct{ Query any }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	metrics := exposed(t)
	// Of Prometheus, and of the operator that makes a target of a ServiceMonitor.
	added := []string{"namespace", "pod", "job", "instance"}
	labels := regexp.MustCompile(`(\w+)\s*(?:=~|!=|!~|=)\s*"|\b(?:by|on)\s*\(([^)]*)\)|\{\{(\w+)\}\}`)
	shown := map[string]bool{}
	for _, panel := range dashboard.Panels {
		if len(panel.Targets) == 0 {
			t.Errorf("%s shows nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			known := slices.Clone(added)
			named := metricsIn(target.Expr)
			for _, name := range named {
				own, ok := metrics[name]
				if !ok {
					t.Errorf("%s: there is no metric %s, but %v", panel.Title, name, slices.Sorted(maps.Keys(metrics)))
				}
				known, shown[name] = append(known, own...), true
			}
			for _, m := range labels.FindAllStringSubmatch(target.Expr+target.LegendFormat, -1) {
				for name := range strings.FieldsFuncSeq(m[1]+","+m[2]+","+m[3], func(r rune) bool { return r == ',' || r == ' ' }) {
					if !slices.Contains(known, name) {
						t.Errorf("%s: %v has no label %s", panel.Title, named, name)
					}
				}
			}
			if len(named) == 0 || strings.Count(target.Expr, "(") != strings.Count(target.Expr, ")") {
				t.Errorf("%s: %s", panel.Title, target.Expr)
			}
		}
	}
	for name := range metrics {
		if strings.HasPrefix(name, "ekslint_") && !shown[name] && !strings.HasSuffix(name, "_sum") {
			t.Errorf("%s is not shown", name)
		}
	}
	for _, v := range dashboard.Templating.List {
		query, err := json.Marshal(v.Query)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range metricsIn(string(query)) {
			if _, ok := metrics[name]; !ok {
				t.Errorf("a variable asks for %s", name)
			}
		}
	}
	for _, name := range metricsIn(string(read(t, "../../docs/webhook.md"))) {
		if _, ok := metrics[name]; !ok && metrics[name+"_count"] == nil {
			t.Errorf("docs/webhook.md names %s", name)
		}
	}
}
