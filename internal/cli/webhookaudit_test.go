package cli_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"

	"github.com/ekslint/ekslint/internal/webhook/kubetest"
)

// validSARIF checks a log with the schema of SARIF 2.1.0.
func validSARIF(t *testing.T, log string) {
	t.Helper()
	text, err := os.ReadFile("../report/testdata/sarif-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	var documents [2]any
	for i, text := range []string{string(text), log} {
		if documents[i], err = jsonschema.UnmarshalJSON(strings.NewReader(text)); err != nil {
			t.Fatalf("%v: %s", err, log)
		}
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("sarif.json", documents[0]); err != nil {
		t.Fatal(err)
	}
	s, err := compiler.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(documents[1]); err != nil {
		t.Error(err)
	}
}

// TestAudits: one of two replicas audits, and when it ends the other does. What an audit finds
// is in reports, in metrics and in SARIF.
func TestAudits(t *testing.T) {
	t.Parallel()
	api, dir := kubetest.Start(t), t.TempDir()
	api.DefinePolicyReports()
	client := dynamic.NewForConfigOrDie(api.Config())
	ingress := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
		"metadata": map[string]any{"name": "a", "annotations": map[string]any{"alb.ingress.kubernetes.io/scheme": "extern"}},
		"spec":     map[string]any{"ingressClassName": "alb", "defaultBackend": map[string]any{"service": map[string]any{"name": "a", "port": map[string]any{"number": int64(80)}}}},
	}}
	ingresses := client.Resource(schema.GroupVersionResource{Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"}).Namespace("default")
	if _, err := ingresses.Create(t.Context(), ingress, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	authority, pair := kubetest.Certificate(t)
	args := []string{
		"--kubeconfig", write(t, filepath.Join(dir, "kubeconfig"), api.Kubeconfig()),
		"--cert", write(t, filepath.Join(dir, "tls.crt"), pair.Certificate), "--key", write(t, filepath.Join(dir, "tls.key"), pair.Key),
		"--namespace", "default", "--aws", "../../testdata/clusters/demo-terraform",
	}
	config := write(t, filepath.Join(dir, "ekslint.yaml"), []byte("webhook: {audit: {interval: 10s, reports: true}}\n"))
	replicas := []*running{run(t, append(args, "--config", config)...), run(t, append(args, "--audit-interval", "10s", "--audit-reports")...)}
	ask := func(r *running, method, path string) (int, string) {
		return r.ask(authority.Certificate, "127.0.0.1", method, path, "")
	}
	leads := func(r *running) bool {
		_, text := ask(r, "GET", "/metrics")
		return strings.Contains(text, `ekslint_audit_findings{rule="ING-005",severity="error"} 1`)
	}
	replicas[0].until("one leads", func() bool {
		if leads(replicas[1]) {
			replicas[0], replicas[1] = replicas[1], replicas[0]
		}
		return leads(replicas[0])
	})
	reports := client.Resource(schema.GroupVersionResource{Group: "wgpolicyk8s.io", Version: "v1alpha2", Resource: "policyreports"}).Namespace("default")
	report := func() string {
		u, err := reports.Get(t.Context(), "ekslint", metav1.GetOptions{})
		if err != nil {
			return ""
		}
		text, err := u.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	replicas[0].until("there is a report", func() bool { return strings.Contains(report(), "docs/rules/ING-005.md") })

	other := replicas[1]
	other.until("the other is ready", func() bool { code, _ := ask(other, "GET", "/readyz"); return code == http.StatusOK })
	if code, text := ask(other, "GET", "/sarif"); code != http.StatusNotFound {
		t.Errorf("/sarif of who did not audit: %d %s", code, text)
	}
	other.until("the other answers", func() bool { code, _ := ask(other, "POST", "/audit"); return code == http.StatusOK })
	for _, r := range replicas {
		code, text := ask(r, "GET", "/sarif")
		if code != http.StatusOK || !strings.Contains(text, `"fullyQualifiedName": "default/Ingress/a"`) || !strings.Contains(text, `"id": "ekslint/audit/"`) {
			t.Errorf("/sarif: %d %s", code, text)
		}
		validSARIF(t, text)
	}
	if leads(other) {
		t.Error("both lead")
	}

	replicas[0].end()
	if err := reports.Delete(t.Context(), "ekslint", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	other.until("the other leads", func() bool { return leads(other) && report() != "" })
	other.end()
	l, err := kubernetes.NewForConfigOrDie(api.Config()).CoordinationV1().Leases("default").Get(t.Context(), "ekslint-webhook-audit", metav1.GetOptions{})
	if err != nil || l.Spec.HolderIdentity != nil && *l.Spec.HolderIdentity != "" {
		t.Errorf("the Lease of nobody: %v %v", err, l)
	}
	for _, r := range replicas {
		if text := r.stderr.String(); strings.Contains(text, "lease") || strings.Contains(text, "policyreports") {
			t.Errorf("it says:\n%s", text)
		}
	}
}
