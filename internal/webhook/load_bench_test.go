package webhook_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/ekslint/ekslint/internal/webhook/kubetest"
)

const (
	loadRate = 200 // admissions a second
	loadTime = 60 * time.Second
)

// BenchmarkLoad is the webhook as a process of its own, beside a real API server with
// 10,000 workloads and 4,000 policies: 200 admissions a second for a minute. One of four is
// written and the others are dry runs, as the API server on the same two cores writes 150
// objects a second at best, without a webhook. The budgets are a median below 5 ms and a
// 99th percentile below 25 ms in the webhook, and 800 MB.
func BenchmarkLoad(b *testing.B) {
	folder, binary := filepath.Join("..", "..", ".cache", "bench", "n500"), filepath.Join("..", "..", "bin", "ekslint")
	for _, name := range []string{folder, binary} {
		if _, err := os.Stat(name); err != nil {
			b.Skipf("%s is not there: make bench-webhook makes it", name)
		}
	}
	for range b.N {
		l := &live{t: b, api: kubetest.Start(b), warned: &warnings{}}
		config := l.api.Config()
		config.WarningHandler = rest.NoWarnings{}
		l.client = dynamic.NewForConfigOrDie(config)
		begin := time.Now()
		l.fill(folder)
		b.Logf("filled in %v", time.Since(begin).Round(time.Second))
		p := l.process(binary)
		l.register(admissionregistrationv1.Ignore)
		before := p.rss(b)
		b.ResetTimer()
		begin = time.Now()
		asked, missed := l.changes()
		b.StopTimer()
		b.ReportMetric(float64(missed), "not-asked")
		b.ReportMetric(float64(asked)/time.Since(begin).Seconds(), "admissions/s")
		b.ReportMetric(float64(before)/1000, "MB-ready")
		b.ReportMetric(float64(p.rss(b))/1000, "MB-after")
		b.ReportMetric(float64(p.peak(b))/1000, "MB-peak")
		own := p.histogram(b, p.get(b, "/metrics"), "ekslint_webhook_answer_seconds")
		b.ReportMetric(own.quantile(.5)*1000, "ms-p50")
		b.ReportMetric(own.quantile(.99)*1000, "ms-p99")
		theirs := p.histogram(b, l.metrics(), "apiserver_admission_webhook_admission_duration_seconds")
		b.ReportMetric(theirs.quantile(.5)*1000, "ms-p50-apiserver")
		b.ReportMetric(theirs.quantile(.99)*1000, "ms-p99-apiserver")
	}
}

// fill creates the objects of a folder.
func (l *live) fill(folder string) {
	l.t.Helper()
	var spaces, others []string
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name) //nolint:gosec // the generated cluster
		for doc := range strings.SplitSeq(string(text), "\n---\n") {
			if strings.Contains(doc, "\nkind: Namespace\n") {
				spaces = append(spaces, doc)
			} else {
				others = append(others, doc)
			}
		}
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	for _, list := range [][]string{spaces, others} {
		l.each(len(list), func(i int) {
			if _, err := l.create(list[i], metav1.CreateOptions{}); err != nil && !strings.Contains(err.Error(), "already exists") {
				l.t.Error(err)
			}
		})
	}
}

// each calls do for numbers below n, by several clients.
func (l *live) each(n int, do func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	group.Wait()
}

// running is a webhook as a process of its own.
type running struct {
	cmd    *exec.Cmd
	client *http.Client
	addr   string
}

func (l *live) process(binary string) *running {
	l.t.Helper()
	dir := l.t.TempDir()
	authority, pair := kubetest.Certificate(l.t)
	for name, text := range map[string][]byte{"tls.crt": pair.Certificate, "tls.key": pair.Key, "kubeconfig": l.api.Kubeconfig()} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			l.t.Fatal(err)
		}
	}
	l.ca = authority.Certificate
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, binary, "webhook", "--listen", "127.0.0.1:0", "--drain", "0s", "--cert", filepath.Join(dir, "tls.crt"), //nolint:gosec // the binary under test
		"--key", filepath.Join(dir, "tls.key"), "--kubeconfig", filepath.Join(dir, "kubeconfig"))
	stderr, err := cmd.StderrPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was killed
	})
	said := bufio.NewScanner(stderr)
	listening := regexp.MustCompile(`listening on (\S+),`)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.Certificate)
	p := &running{cmd: cmd, client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}}
	for p.addr == "" && said.Scan() {
		if m := listening.FindStringSubmatch(said.Text()); m != nil {
			p.addr = m[1]
		}
	}
	go func() {
		for said.Scan() {
			l.t.Logf("webhook: %s", said.Text())
		}
	}()
	l.server = &http.Server{Addr: p.addr} //nolint:gosec // its address is all that is asked
	begin := time.Now()
	l.until("the webhook is ready", func() bool { return isReady(p) })
	l.t.Logf("ready %v after it listens", time.Since(begin).Round(time.Millisecond))
	return p
}

func isReady(p *running) bool {
	r, err := p.client.Get("https://" + p.addr + "/readyz") //nolint:noctx // the client has a timeout
	if err != nil {
		return false
	}
	defer r.Body.Close()
	return r.StatusCode == http.StatusOK
}

func (p *running) get(t testing.TB, path string) string {
	t.Helper()
	r, err := p.client.Get("https://" + p.addr + path) //nolint:noctx // the client has a timeout
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// metrics are those of the API server.
func (l *live) metrics() string {
	l.t.Helper()
	client, err := rest.HTTPClientFor(l.api.Config())
	if err != nil {
		l.t.Fatal(err)
	}
	r, err := client.Get(l.api.Config().Host + "/metrics") //nolint:noctx // on loopback
	if err != nil {
		l.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(text)
}

// rss and peak are the memory of the process in kB.
func (p *running) rss(t testing.TB) int  { return p.status(t, "VmRSS") }
func (p *running) peak(t testing.TB) int { return p.status(t, "VmHWM") }

func (p *running) status(t testing.TB, field string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	m := regexp.MustCompile(field + `:\s+(\d+) kB`).FindSubmatch(text)
	if err != nil || m == nil {
		t.Fatalf("%s: %v", field, err)
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// histogram is one of Prometheus, with all its labels added up.
type histogram struct {
	bounds []float64
	counts map[float64]float64
}

func (*running) histogram(t testing.TB, metrics, name string) histogram {
	t.Helper()
	out := histogram{counts: map[float64]float64{}}
	for _, m := range regexp.MustCompile(`(?m)^`+name+`_bucket\{(?:.*,)?le="([^"]+)"\} (\S+)$`).FindAllStringSubmatch(metrics, -1) {
		bound, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		if _, known := out.counts[bound]; !known {
			out.bounds = append(out.bounds, bound)
		}
		out.counts[bound] += n
	}
	slices.Sort(out.bounds)
	return out
}

// quantile interpolates within a bucket, as PromQL does.
func (h histogram) quantile(q float64) float64 {
	if len(h.bounds) == 0 {
		return 0
	}
	rank := q * h.counts[h.bounds[len(h.bounds)-1]]
	low, below := 0.0, 0.0
	for _, bound := range h.bounds {
		if n := h.counts[bound]; n >= rank {
			if n == below || bound > 1e9 {
				return low
			}
			return low + (bound-low)*(rank-below)/(n-below)
		}
		low, below = bound, h.counts[bound]
	}
	return low
}

// changes asks for changes at a steady rate: bad and good Ingresses, Services before their
// pods, and policies that come and go. It returns how many there were, and how many there
// should have been besides.
func (l *live) changes() (made, missed int64) {
	var asked atomic.Int64
	jobs := make(chan int, loadRate)
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			for i := range jobs {
				l.change(i)
				asked.Add(1)
			}
		})
	}
	tick := time.NewTicker(time.Second / loadRate)
	defer tick.Stop()
	for i := range int(loadTime.Seconds() * loadRate) {
		<-tick.C
		select {
		case jobs <- i:
		default:
			missed++
		}
	}
	close(jobs)
	group.Wait()
	return asked.Load(), missed
}

// loadObject is one of the objects that are created: of four one is refused.
func loadObject(i int) string {
	space := fmt.Sprintf("ns-%04d", i*7%500)
	text := map[int]string{
		0: strings.Replace(badIngress, "extern", "internal", 1), 1: badIngress, 2: lonelyService, 3: cutOff,
	}[i%4]
	return strings.ReplaceAll(strings.ReplaceAll(text, "shop", space), "metadata: {name: ", fmt.Sprintf("metadata: {name: load-%d-", i))
}

func (l *live) change(i int) {
	u := parseObject(l.t, loadObject(i))
	var o metav1.CreateOptions
	isWritten := i/4%4 == 0
	if !isWritten {
		o.DryRun = []string{metav1.DryRunAll}
	}
	if _, err := l.of(u).Create(l.t.Context(), u, o); err != nil && i%4 != 1 {
		l.t.Errorf("%s: %v", u.GetName(), err)
	}
	if isWritten && i%32 == 3 {
		if err := l.of(u).Delete(l.t.Context(), u.GetName(), metav1.DeleteOptions{}); err != nil {
			l.t.Errorf("%s: %v", u.GetName(), err)
		}
	}
}
