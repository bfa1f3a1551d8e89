package policyreport_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/internal/webhook/kubetest"
	"github.com/ekslint/ekslint/internal/webhook/policyreport"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// cluster is an API server with a writer of reports.
type cluster struct {
	t        *testing.T
	api      *kubetest.Server
	client   dynamic.Interface
	writer   *policyreport.Writer
	now      time.Time
	snapshot *model.Snapshot
	// writes counts what the writer changes, or tries to.
	writes int
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func newCluster(t *testing.T, namespaces ...string) *cluster {
	t.Helper()
	c := &cluster{t: t, api: kubetest.Start(t), now: time.Unix(1e9, 0), snapshot: model.NewSnapshot(model.Scope{}, []*model.Resource{web})}
	c.client = dynamic.NewForConfigOrDie(c.api.Config())
	c.writer = c.as(c.api.Config())
	for _, n := range namespaces {
		_, err := kubernetes.NewForConfigOrDie(c.api.Config()).CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: n}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// as is a writer who reaches the API server in a certain way.
func (c *cluster) as(config *rest.Config) *policyreport.Writer {
	c.t.Helper()
	config.WrapTransport = func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodGet {
				c.writes++
			}
			return next.RoundTrip(r)
		})
	}
	w, err := policyreport.New(config, policyreport.Options{
		Link: func(id string) string { return "https://docs/" + id }, Clock: func() time.Time { return c.now },
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return w
}

func (c *cluster) write(r analyzer.Report) {
	c.t.Helper()
	if err := c.writer.Write(c.t.Context(), r, c.snapshot); err != nil {
		c.t.Fatal(err)
	}
}

func kindOf(namespace string) string {
	if namespace == "" {
		return "clusterpolicyreports"
	}
	return "policyreports"
}

// reports are those of a namespace, or of what is in none.
func (c *cluster) reports(namespace string) dynamic.ResourceInterface {
	r := c.client.Resource(schema.GroupVersionResource{Group: "wgpolicyk8s.io", Version: "v1alpha2", Resource: kindOf(namespace)})
	if namespace == "" {
		return r
	}
	return r.Namespace(namespace)
}

// all are the reports there are, by namespace.
func (c *cluster) all() map[string]*unstructured.Unstructured {
	c.t.Helper()
	out := map[string]*unstructured.Unstructured{}
	for _, resource := range []string{"policyreports", "clusterpolicyreports"} {
		list, err := c.client.Resource(schema.GroupVersionResource{Group: "wgpolicyk8s.io", Version: "v1alpha2", Resource: resource}).List(c.t.Context(), metav1.ListOptions{})
		if err != nil {
			c.t.Fatal(err)
		}
		for i := range list.Items {
			out[list.Items[i].GetNamespace()] = &list.Items[i]
		}
	}
	return out
}

// has checks what a report says.
func (c *cluster) has(namespace, want string) {
	c.t.Helper()
	u, ok := c.all()[namespace]
	if !ok {
		c.t.Fatalf("%q has no report", namespace)
	}
	text, err := yaml.Marshal(map[string]any{"name": u.GetName(), "labels": u.GetLabels(), "results": u.Object["results"], "summary": u.Object["summary"]})
	if err != nil {
		c.t.Fatal(err)
	}
	var w map[string]any
	if err := yaml.Unmarshal([]byte(want), &w); err != nil {
		c.t.Fatal(err)
	}
	wanted, err := yaml.Marshal(w)
	if err != nil {
		c.t.Fatal(err)
	}
	if d := cmp.Diff(string(wanted), string(text)); d != "" {
		c.t.Errorf("the report of %q (-want +got):\n%s", namespace, d)
	}
}

var web = &model.Resource{
	Ref:     model.Ref{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: "web"},
	Version: "v1", Object: &metav1.ObjectMeta{UID: "u-1"},
}

var rules = []rule.Meta{
	{ID: "ING-001", Title: "Ingress has no port", Category: "ingress", Severity: rule.Error},
	{ID: "SG-002", Title: "Security group is closed", Category: "securitygroup", Severity: rule.Error},
	{ID: "USR-001", Title: "Ours", Category: "user", Severity: rule.Note, Own: true},
}

func of(findings ...rule.Finding) analyzer.Report {
	return analyzer.Report{Rules: rules, Findings: findings}
}

func finding(id string, s rule.Severity, subject model.Ref, message string) rule.Finding {
	return rule.Finding{
		RuleID: id, Severity: s, Subject: subject, Message: message, Fingerprint: id + " " + message,
		At: rule.Place{Path: model.Path{"spec", "rules"}},
	}
}

var (
	closed = finding("SG-002", rule.Error, model.Ref{Group: model.GroupDerived, Kind: "EKSCluster", Name: "prod"}, "closed")
	noPort = finding("ING-001", rule.Error, web.Ref, "no port")
	ours   = finding("USR-001", rule.Note, model.Ref{Kind: "Service", Namespace: "shop", Name: "gone"}, "not ours")
)

const (
	reportOfShop = `name: ekslint
labels: {app.kubernetes.io/managed-by: ekslint}
summary: {pass: 0, fail: 1, warn: 1, error: 0, skip: 0}
results:
- source: ekslint
  policy: ING-001
  rule: Ingress has no port
  category: ingress
  severity: high
  result: fail
  message: no port
  timestamp: {seconds: 1000000000, nanos: 0}
  resources: [{apiVersion: networking.k8s.io/v1, kind: Ingress, namespace: shop, name: web, uid: u-1}]
  properties: {path: spec.rules, docs: https://docs/ING-001, fingerprint: ING-001 no port}
- source: ekslint
  policy: USR-001
  rule: Ours
  category: user
  severity: low
  result: warn
  message: not ours
  timestamp: {seconds: 1000000000, nanos: 0}
  resources: [{kind: Service, namespace: shop, name: gone}]
  properties: {path: spec.rules, fingerprint: USR-001 not ours}
`
	reportOfCluster = `name: ekslint
labels: {app.kubernetes.io/managed-by: ekslint}
summary: {pass: 0, fail: 1, warn: 0, error: 0, skip: 0}
results:
- source: ekslint
  policy: SG-002
  rule: Security group is closed
  category: securitygroup
  severity: high
  result: fail
  message: closed
  timestamp: {seconds: 1000000000, nanos: 0}
  resources: [{kind: EKSCluster, name: prod}]
  properties: {path: spec.rules, docs: https://docs/SG-002, fingerprint: SG-002 closed}
`
)

// TestWrite: what is found is there, as long as it is found, and is not written again.
func TestWrite(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "shop", "quiet")
	c.api.DefinePolicyReports()
	c.write(of())
	if n := len(c.all()); n != 0 {
		t.Errorf("%d reports of nothing", n)
	}
	c.write(of(ours, closed, noPort))
	c.has("shop", reportOfShop)
	c.has("", reportOfCluster)
	if n := len(c.all()); n != 2 {
		t.Errorf("%d reports, want 2", n)
	}

	versions := func() (out []string) {
		for _, namespace := range []string{"", "shop"} {
			out = append(out, c.all()[namespace].GetResourceVersion())
		}
		return out
	}
	before := versions()
	c.now, c.writes = c.now.Add(time.Hour), 0
	c.write(of(ours, closed, noPort))
	if d := cmp.Diff(before, versions()); d != "" || c.writes > 0 {
		t.Errorf("nothing changed, and it is written %d times (-before +after):\n%s", c.writes, d)
	}

	// A result that was there keeps its time, and one that is new has its own.
	other := finding("ING-001", rule.Warning, web.Ref, "another")
	c.write(of(ours, other, noPort))
	want := strings.Replace(reportOfShop, "warn: 1", "warn: 2", 1)
	want = strings.Replace(want, "- source: ekslint\n  policy: USR-001", `- source: ekslint
  policy: ING-001
  rule: Ingress has no port
  category: ingress
  severity: medium
  result: warn
  message: another
  timestamp: {seconds: 1000003600, nanos: 0}
  resources: [{apiVersion: networking.k8s.io/v1, kind: Ingress, namespace: shop, name: web, uid: u-1}]
  properties: {path: spec.rules, docs: https://docs/ING-001, fingerprint: ING-001 another}
- source: ekslint
  policy: USR-001`, 1)
	c.has("shop", want)
	if _, ok := c.all()[""]; ok {
		t.Error("the report of what is mended is there")
	}
	c.write(of())
	if n := len(c.all()); n != 0 {
		t.Errorf("%d reports, and everything is mended", n)
	}
}

// TestSpoilt: what others make of a report is mended, and what else they add stays.
func TestSpoilt(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "shop")
	c.api.DefinePolicyReports()
	c.write(of(ours, noPort))
	for name, spoil := range map[string]func(u *unstructured.Unstructured){
		"no label": func(u *unstructured.Unstructured) { u.SetLabels(nil) },
		"no body": func(u *unstructured.Unstructured) {
			delete(u.Object, "results")
			delete(u.Object, "summary")
		},
		"a result more": func(u *unstructured.Unstructured) {
			list, _, _ := unstructured.NestedSlice(u.Object, "results")
			u.Object["results"] = append(list, map[string]any{"policy": "x"})
		},
		"a count": func(u *unstructured.Unstructured) { u.Object["summary"] = map[string]any{"pass": int64(1)} },
	} {
		u := c.all()["shop"]
		spoil(u)
		u.SetAnnotations(map[string]string{"of": "others"})
		if _, err := c.reports("shop").Update(t.Context(), u, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		c.write(of(ours, noPort))
		if got := c.all()["shop"].GetAnnotations()["of"]; got != "others" {
			t.Errorf("%s: the annotation is %q", name, got)
		}
		c.has("shop", reportOfShop)
	}
	if err := c.reports("shop").Delete(t.Context(), policyreport.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	c.write(of(ours, noPort))
	c.has("shop", reportOfShop)
}

// TestFailures: a rule that broke is in the report, too.
func TestFailures(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "shop")
	c.api.DefinePolicyReports()
	r := of(noPort)
	r.Failures = []analyzer.Failure{{RuleID: "USR-001", Subject: web.Ref, Others: 2, Err: errors.New("panic: no\ngoroutine 1")}}
	for range 2 {
		c.write(r)
		c.now = c.now.Add(time.Hour)
	}
	if c.writes != 1 {
		t.Errorf("it is written %d times", c.writes)
	}
	u := c.all()["shop"]
	list, _, _ := unstructured.NestedSlice(u.Object, "results")
	first := list[0].(map[string]any)
	if len(list) != 2 || first["result"] != "error" || first["policy"] != "USR-001" || first["message"] != "The rule failed on Ingress shop/web and 2 more: panic: no" {
		t.Errorf("the results are %v", list)
	}
	if n, _, _ := unstructured.NestedInt64(u.Object, "summary", "error"); n != 1 {
		t.Errorf("%d errors are counted", n)
	}
}

// TestNamespaces: there may be many, some are gone, and some are about to be.
func TestNamespaces(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 45 {
		names = append(names, fmt.Sprintf("ns-%d", i))
	}
	c := newCluster(t, append(names, "ending")...)
	c.api.DefinePolicyReports()
	// Nothing empties the namespace, which stays on its way out.
	if err := kubernetes.NewForConfigOrDie(c.api.Config()).CoreV1().Namespaces().Delete(t.Context(), "ending", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	in := func(namespaces ...string) analyzer.Report {
		var out []rule.Finding
		for _, n := range namespaces {
			out = append(out, finding("ING-001", rule.Error, model.Ref{Kind: "Service", Namespace: n, Name: "a"}, "no port"))
		}
		return of(out...)
	}
	c.write(in(append(names, "ending", "gone")...))
	if n := len(c.all()); n != len(names) {
		t.Errorf("%d reports, want %d", n, len(names))
	}
	c.write(in(names[30:]...))
	all := c.all()
	if len(all) != 15 || all["ns-29"] != nil || all["ns-30"] == nil {
		t.Errorf("%d reports of the last 15 namespaces", len(all))
	}
}

// TestBounds: a report that would be too large for the API server says what it lacks.
func TestBounds(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "shop", "long")
	c.api.DefinePolicyReports()
	var r analyzer.Report
	for i := range 1500 {
		s := rule.Note
		if i%3 == 2 {
			s = rule.Error
		}
		r.Findings = append(r.Findings, finding("ING-001", s, web.Ref, fmt.Sprint(i)))
		ref := web.Ref
		ref.Namespace = "long"
		r.Findings = append(r.Findings, finding("ING-001", s, ref, strings.Repeat("\"long\"", 2000)))
	}
	for range 2 {
		c.write(r)
		c.now = c.now.Add(time.Hour)
	}
	for namespace, atMost := range map[string]int{"shop": 1000, "long": 100} {
		u := c.all()[namespace]
		list, _, _ := unstructured.NestedSlice(u.Object, "results")
		listed := len(list) - 1
		if listed > atMost || namespace == "shop" && listed != atMost || listed < 10 {
			t.Errorf("%s: %d results", namespace, listed)
		}
		for i, x := range list[:min(listed, 500)] {
			if x.(map[string]any)["severity"] != "high" {
				t.Errorf("%s: result %d is %v", namespace, i, x)
			}
		}
		want := map[string]any{"pass": int64(0), "fail": int64(500), "warn": int64(1000), "error": int64(0), "skip": int64(1500 - listed)}
		if d := cmp.Diff(want, u.Object["summary"]); d != "" {
			t.Errorf("%s (-want +got):\n%s", namespace, d)
		}
		last := list[listed].(map[string]any)
		if last["result"] != "skip" || !strings.HasPrefix(last["message"].(string), fmt.Sprintf("%d results more are left out", 1500-listed)) {
			t.Errorf("%s ends with %v", namespace, last)
		}
	}
	if c.writes != 2 {
		t.Errorf("they are written %d times", c.writes)
	}
}

// TestCannot: what is not there and what is not allowed is said, and hinders nothing else.
func TestCannot(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "shop", "quiet")
	if err := c.writer.Write(t.Context(), of(noPort, closed), c.snapshot); err == nil || strings.Count(err.Error(), "the API server has no wgpolicyk8s.io/v1alpha2") != 2 {
		t.Errorf("without definitions: %v", err)
	}
	c.api.DefinePolicyReports()
	config := c.api.Config()
	config.Impersonate = rest.ImpersonationConfig{UserName: "nobody"}
	err := c.as(config).Write(t.Context(), of(noPort), c.snapshot)
	if err == nil || !strings.Contains(err.Error(), `policyreports: policyreports.wgpolicyk8s.io "ekslint" is forbidden: User "nobody" cannot list`) {
		t.Errorf("without rights: %v", err)
	}
	c.write(of(noPort))
	c.has("shop", strings.Replace(strings.Split(reportOfShop, "- source: ekslint\n  policy: USR")[0], "warn: 1", "warn: 0", 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.writer.Write(ctx, of(), c.snapshot); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that is done: %v", err)
	}
	if len(c.all()) != 1 {
		t.Error("the report is gone")
	}
}
