package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/internal/webhook/policyreport"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// plain writes a report as these tests compare it.
func plain(w io.Writer, r analyzer.Report) error {
	for _, f := range r.Findings {
		if _, err := fmt.Fprintln(w, f.RuleID, f.Subject); err != nil {
			return err
		}
	}
	return nil
}

// audited is a server with an auditor.
type audited struct {
	*webhook.Server
	auditor *webhook.Auditor
	cluster *webhook.Cluster
	faults  chan string
	stop    func()
	// late is how much later it is than at first.
	late atomic.Int64
}

func audit(t *testing.T, cluster *webhook.Cluster, o webhook.AuditOptions) *audited {
	t.Helper()
	a := &audited{cluster: cluster, faults: make(chan string, 10)}
	o.Cluster, o.Metrics, o.SARIF = cluster, webhook.NewMetrics(cluster), plain
	o.Fault = func(err error) { a.faults <- err.Error() }
	if o.Clock == nil {
		o.Clock = func() time.Time { return time.Unix(1e9, a.late.Load()).UTC() }
	}
	a.auditor = webhook.NewAuditor(o)
	a.Server = webhook.NewServer(webhook.ServerOptions{
		Reviewer: &webhook.Reviewer{Cluster: cluster}, Metrics: o.Metrics, Auditor: a.auditor, Clock: o.Clock, Fault: o.Fault,
	})
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() { a.auditor.Run(ctx) })
	a.stop = func() {
		cancel()
		group.Wait()
	}
	t.Cleanup(a.stop)
	return a
}

func (a *audited) do(t *testing.T, method, target string) *httptest.ResponseRecorder {
	t.Helper()
	out := httptest.NewRecorder()
	a.ServeHTTP(out, httptest.NewRequestWithContext(t.Context(), method, target, http.NoBody))
	return out
}

// is checks an answer.
func (a *audited) is(t *testing.T, method, target string, code int, want string) {
	t.Helper()
	if out := a.do(t, method, target); out.Code != code || !strings.Contains(out.Body.String(), want) {
		t.Errorf("%s %s: %d %s, want %d %s", method, target, out.Code, out.Body, code, want)
	}
}

// metric is the line of a metric, or empty.
func (a *audited) metric(t *testing.T, name string) string {
	t.Helper()
	for line := range strings.Lines(a.do(t, http.MethodGet, "/metrics").Body.String()) {
		if strings.HasPrefix(line, name) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// blocking is a cluster of one rule that finds each Ingress, and does what a test wants.
func blocking(t *testing.T, do func(ctx context.Context), clock func() time.Time) *webhook.Cluster {
	t.Helper()
	c := webhook.NewCluster(webhook.Options{Clock: clock, Analysis: analyzer.Options{Checkers: []rule.Checker{slow(do)}}})
	replace(t, c, parse(t, webhook.NewObjects(nil), shop))
	return c
}

func TestAudit(t *testing.T) {
	t.Parallel()
	r := newReviewer(t, shop)
	a := audit(t, r.Cluster, webhook.AuditOptions{})
	a.is(t, "GET", "/sarif", 404, "no audit yet")
	a.is(t, "GET", "/audit", 405, "")
	a.is(t, "POST", "/audit", 200, `{"at":"2001-09-09T01:46:40Z","seconds":0,"findings":{"error":2,"warning":1},"failures":0}`)

	out := a.do(t, "GET", "/sarif")
	if out.Code != 200 || out.Header().Get("Content-Type") != "application/sarif+json" || out.Body.String() != "ING-001 Ingress shop/old\nING-005 Ingress shop/old\nNP-004 Namespace shop\n" {
		t.Errorf("/sarif: %d %v %s", out.Code, out.Header(), out.Body)
	}
	again := httptest.NewRecorder()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/sarif", http.NoBody)
	req.Header.Set("If-Modified-Since", out.Header().Get("Last-Modified"))
	if a.ServeHTTP(again, req); again.Code != http.StatusNotModified {
		t.Errorf("/sarif again: %d", again.Code)
	}
	if got := a.metric(t, "ekslint_audit_findings"); got != "" {
		t.Errorf("who does not lead shows %s", got)
	}

	// What is asked for at once is refused, and says when it is not.
	out = a.do(t, "POST", "/audit")
	if out.Code != http.StatusTooManyRequests || out.Header().Get("Retry-After") != "10" {
		t.Errorf("at once: %d %v", out.Code, out.Header())
	}
	a.late.Store(int64(9500 * time.Millisecond))
	if out = a.do(t, "POST", "/audit"); out.Code != http.StatusTooManyRequests || out.Header().Get("Retry-After") != "1" {
		t.Errorf("after 9.5 s: %d %v", out.Code, out.Header())
	}
	a.late.Store(int64(10 * time.Second))
	good := parse(t, r.Objects, strings.Replace(shop[strings.LastIndex(shop, "\n---\n")+5:], "intern}", "internal}", 1))[0]
	r.Cluster.Apply([]webhook.Change{{Ref: good.Ref, Object: good}})
	a.is(t, "POST", "/audit", 200, `"findings":{"error":1,"warning":1}`)
	if out = a.do(t, "GET", "/sarif"); strings.Contains(out.Body.String(), "ING-005") {
		t.Errorf("/sarif of what is mended: %s", out.Body)
	}
	a.Drain()
	a.is(t, "POST", "/audit", 503, "about to end")
}

// TestAuditUnknown: of a cluster that is not known yet nothing is said.
func TestAuditUnknown(t *testing.T) {
	t.Parallel()
	a := audit(t, webhook.NewCluster(webhook.Options{Clock: time.Now}), webhook.AuditOptions{})
	a.is(t, "POST", "/audit", 503, "not known yet")
	a.is(t, "GET", "/sarif", 404, "")
}

// TestAuditJoins: who asks while an audit runs gets the same one, and it is one object at a
// time.
func TestAuditJoins(t *testing.T) {
	t.Parallel()
	text := shop
	for i := range 200 { // more than one goroutine takes at once
		text += "\n---\n" + strings.Replace(badIngress, "name: new", fmt.Sprintf("name: new-%d", i), 1)
	}
	synctest.Test(t, func(t *testing.T) {
		var runs, at, most atomic.Int64
		var isSlow atomic.Bool
		c := webhook.NewCluster(webhook.Options{Clock: time.Now, Analysis: analyzer.Options{Jobs: 8, Checkers: []rule.Checker{slow(func(context.Context) {
			if !isSlow.Load() {
				return
			}
			runs.Add(1)
			most.Store(max(most.Load(), at.Add(1)))
			defer at.Add(-1)
			<-time.After(10 * time.Millisecond)
		})}}})
		replace(t, c, parse(t, webhook.NewObjects(nil), text))
		isSlow.Store(true)
		a := audit(t, c, webhook.AuditOptions{Clock: time.Now})
		ask := func() { a.is(t, "POST", "/audit", 200, `"seconds":2.01`) }
		go ask()
		<-time.After(time.Second)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		a.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(gone, http.MethodPost, "/audit", http.NoBody))
		var group sync.WaitGroup
		for range 3 {
			group.Go(ask)
		}
		group.Wait()
		if runs.Load() != 201 || most.Load() != 1 {
			t.Errorf("%d objects were looked at, %d at once, want 201 and 1", runs.Load(), most.Load())
		}
	})
}

// TestAuditPauses: who asks for an audit that takes long gets an answer before it is done, and
// the pause after it is as long as it took.
func TestAuditPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var isSlow atomic.Bool
		c := blocking(t, func(context.Context) {
			if isSlow.Load() {
				<-time.After(time.Minute)
			}
		}, time.Now)
		isSlow.Store(true)
		a := audit(t, c, webhook.AuditOptions{Clock: time.Now})
		begin := time.Now()
		a.is(t, "POST", "/audit", 202, "goes on")
		if took := time.Since(begin); took != 10*time.Second {
			t.Errorf("the answer takes %v", took)
		}
		<-time.After(time.Minute)
		a.is(t, "GET", "/sarif", 200, "")
		if out := a.do(t, "POST", "/audit"); out.Code != http.StatusTooManyRequests || out.Header().Get("Retry-After") != "50" {
			t.Errorf("10 s after an audit of a minute: %d %v", out.Code, out.Header())
		}
		// Who leads need not wait, and is joined.
		ctx, cancel := context.WithCancel(t.Context())
		go a.auditor.Lead(ctx)
		<-time.After(time.Second)
		a.is(t, "POST", "/audit", 202, "goes on")
		cancel()
	})
}

// TestAuditEnds: the end of the process ends an audit, and who waits for it.
func TestAuditEnds(t *testing.T) {
	t.Parallel()
	var isSlow atomic.Bool
	begun := make(chan struct{})
	c := blocking(t, func(ctx context.Context) {
		if isSlow.Load() {
			close(begun)
			<-ctx.Done()
		}
	}, time.Now)
	isSlow.Store(true)
	a := audit(t, c, webhook.AuditOptions{})
	var group sync.WaitGroup
	group.Go(func() { a.is(t, "POST", "/audit", 503, "context canceled") })
	<-begun
	a.stop()
	group.Wait()
	a.is(t, "GET", "/sarif", 404, "")
}

// TestAuditUnbegun: so does one that has not begun.
func TestAuditUnbegun(t *testing.T) {
	t.Parallel()
	c := blocking(t, func(context.Context) {}, time.Now)
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			a := audit(t, c, webhook.AuditOptions{Interval: time.Hour})
			a.stop()
			var group sync.WaitGroup
			group.Go(func() { a.is(t, "POST", "/audit", 503, "context canceled") })
			synctest.Wait()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			a.auditor.Run(ctx)
			group.Wait()
		})
	}
}

// TestLead: who leads audits at once, after each interval and when somebody asks, and shows
// what it finds as long as it leads.
func TestLead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int64
		c := blocking(t, func(context.Context) { runs.Add(1) }, time.Now)
		a := audit(t, c, webhook.AuditOptions{Clock: time.Now, Interval: 10 * time.Minute})
		ctx, cancel := context.WithCancel(t.Context())
		before := runs.Load()
		looked := func(after time.Duration, want int64) {
			t.Helper()
			<-time.After(after)
			synctest.Wait()
			if got := runs.Load() - before; got != want {
				t.Errorf("%d audits, want %d", got, want)
			}
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			a.auditor.Lead(ctx)
		}()
		looked(time.Second, 1)
		looked(9*time.Minute, 1)
		looked(time.Minute, 2)
		looked(time.Minute, 2)
		a.is(t, "POST", "/audit", 200, "")
		looked(0, 3)
		looked(9*time.Minute, 3)
		looked(time.Minute, 4)
		if got, want := a.metric(t, "ekslint_audit_last_success_timestamp_seconds"), fmt.Sprintf("ekslint_audit_last_success_timestamp_seconds %g", float64(time.Now().Unix())); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		cancel()
		<-done
		looked(time.Hour, 4)
	})
}

// TestRealAudit: what is wrong in a real cluster is in the metrics and reports until it is
// mended, also where reports cannot be written at first.
func TestRealAudit(t *testing.T) {
	t.Parallel()
	l := prepareLive(t, webhook.Policy{})
	l.setUp(shop)
	reports, err := policyreport.New(l.api.Config(), policyreport.Options{Link: func(id string) string { return id }, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	a := audit(t, l.cluster, webhook.AuditOptions{Interval: time.Hour, Reports: reports})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.auditor.Lead(ctx)
	}()
	if said := <-a.faults; !strings.Contains(said, "the API server has no wgpolicyk8s.io/v1alpha2") {
		t.Errorf("without definitions it says %s", said)
	}
	again := func() {
		t.Helper()
		a.late.Add(int64(time.Hour))
		a.is(t, "POST", "/audit", 200, "")
	}
	again()
	l.until("it fails again", func() bool { return a.metric(t, "ekslint_audit_failures_total") == "ekslint_audit_failures_total 2" })
	if len(a.faults) > 0 {
		t.Errorf("it says again %s", <-a.faults)
	}
	const found = `ekslint_audit_findings{rule="ING-005",severity="error"}`
	if got := a.metric(t, found); got != found+" 1" {
		t.Errorf("the metric is %q", got)
	}

	l.api.DefinePolicyReports()
	again()
	of := func() ([]unstructured.Unstructured, error) {
		list, err := l.client.Resource(schema.GroupVersionResource{Group: "wgpolicyk8s.io", Version: "v1alpha2", Resource: "policyreports"}).List(t.Context(), metav1.ListOptions{})
		return list.Items, err
	}
	l.until("there is a report", func() bool { list, err := of(); return err == nil && len(list) == 1 })
	list, err := of()
	if err != nil {
		t.Fatal(err)
	}
	ingress := parseObject(t, shop[strings.LastIndex(shop, "\n---\n")+5:])
	current, err := l.of(ingress).Get(t.Context(), "old", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(list[0].Object["results"])
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`[{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","name":"old","namespace":"shop","uid":"%s"}]`, current.GetUID())
	if !bytes.Contains(text, []byte(want)) || !bytes.Contains(text, []byte(`"policy":"ING-005"`)) {
		t.Errorf("the report of %s has no %s:\n%s", list[0].GetNamespace(), want, text)
	}

	current.SetAnnotations(map[string]string{"alb.ingress.kubernetes.io/scheme": "internal"})
	mended, err := l.of(current).Update(t.Context(), current, metav1.UpdateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	l.until("it is seen", func() bool {
		r := l.cluster.Snapshot().Get(refOf(mended))
		return r.Object.GetAnnotations()["alb.ingress.kubernetes.io/scheme"] == "internal"
	})
	again()
	l.until("the result is gone", func() bool {
		list, err := of()
		text := fmt.Sprint(list)
		return err == nil && len(list) == 1 && strings.Contains(text, "ING-001") && !strings.Contains(text, "ING-005")
	})
	if got := a.metric(t, found); got != "" {
		t.Errorf("it is mended, and the metric is %q", got)
	}
	if err := l.of(mended).Delete(t.Context(), "old", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	l.until("it is gone", func() bool { return l.cluster.Snapshot().Get(refOf(mended)) == nil })
	again()
	l.until("the report is gone", func() bool { list, err := of(); return err == nil && len(list) == 0 })
	cancel()
	<-done
	if len(a.faults) > 0 {
		t.Errorf("it says %s", <-a.faults)
	}
}

// TestUnaudited: who does not lead any more shows nothing.
func TestUnaudited(t *testing.T) {
	t.Parallel()
	a := audit(t, newReviewer(t, shop).Cluster, webhook.AuditOptions{Interval: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.auditor.Lead(ctx)
	}()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for a.metric(t, "ekslint_audit_findings") == "" {
		<-tick.C
	}
	cancel()
	<-done
	if got := a.metric(t, "ekslint_audit_findings"); got != "" {
		t.Errorf("it does not lead, and shows %s", got)
	}
}
