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
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/ekslint/ekslint/internal/webhook/kubetest"
)

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

// processorTimes is how long all processors worked for each program, in which that of the
// test makes the changes.
func (l *live) processorTimes(p *running) map[string]time.Duration {
	l.t.Helper()
	of := l.api.Processes()
	of["webhook"], of["client"] = p.cmd.Process.Pid, os.Getpid()
	out := map[string]time.Duration{}
	for name, pid := range of {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			l.t.Fatal(err)
		}
		// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: of what follows the name
		// in parentheses, fields 14 and 15 of all are the times, in hundredths of a second.
		fields := strings.Fields(string(text[strings.LastIndex(string(text), ")"):]))
		for _, field := range fields[12:14] {
			n, err := strconv.Atoi(field)
			if err != nil {
				l.t.Fatal(err)
			}
			out[name] += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return out
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

func readHistogram(t testing.TB, metrics, name string) histogram {
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

// since is what came after an earlier reading.
func (h histogram) since(before histogram) histogram {
	out := histogram{bounds: h.bounds, counts: maps.Clone(h.counts)}
	for bound, n := range before.counts {
		out.counts[bound] -= n
	}
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
