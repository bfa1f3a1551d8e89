package webhook_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/internal/webhook/certs"
	"github.com/ekslint/ekslint/pkg/model"
)

// load creates objects by several clients until stop is called, and counts what became
// of the bad ones and of the good ones.
type load struct {
	created, refused, wrong, failed atomic.Int64
	stop                            func()
}

func (l *live) load(clients int) *load {
	ctx, cancel := context.WithCancel(l.t.Context())
	out := &load{}
	var group sync.WaitGroup
	for n := range clients {
		group.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				l.one(ctx, out, fmt.Sprintf("load-%d-%d", n, i), i%2 == 0)
			}
		})
	}
	out.stop = func() {
		cancel()
		group.Wait()
	}
	l.t.Cleanup(out.stop)
	return out
}

func (l *live) one(ctx context.Context, out *load, name string, isBad bool) {
	text := strings.Replace(badIngress, "name: new", "name: "+name, 1)
	if !isBad {
		text = strings.Replace(text, "extern", "internal", 1)
	}
	u := parseObject(l.t, text)
	_, err := l.of(u).Create(ctx, u, metav1.CreateOptions{})
	switch {
	case ctx.Err() != nil:
	case err == nil && !isBad:
		out.created.Add(1)
	case err == nil:
		out.wrong.Add(1)
	case strings.Contains(err.Error(), "ING-005") && isBad:
		out.refused.Add(1)
	default:
		out.failed.Add(1)
	}
}

// TestKilled: without a webhook the API server goes on where the policy says Ignore, and
// refuses where it says Fail.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, failure := range []admissionregistrationv1.FailurePolicyType{admissionregistrationv1.Ignore, admissionregistrationv1.Fail} {
		t.Run(string(failure), func(t *testing.T) {
			t.Parallel()
			l := startLive(t, webhook.Policy{Mode: webhook.Enforce}, failure)
			l.setUp(shopNow)
			under := l.load(4)
			l.until("the load runs", func() bool { return under.created.Load() > 20 && under.refused.Load() > 20 })
			if n := under.wrong.Load() + under.failed.Load(); n > 0 {
				t.Errorf("%d bad ones are created and %d calls fail while it lives", under.wrong.Load(), under.failed.Load())
			}
			if err := l.server.Close(); err != nil {
				t.Fatal(err)
			}
			after := under.created.Load()
			if failure == admissionregistrationv1.Ignore {
				l.until("the API server goes on", func() bool { return under.created.Load() > after+20 })
				return
			}
			failed := under.failed.Load()
			l.until("the API server refuses", func() bool { return under.failed.Load() > failed+20 })
			under.stop()
			if n := under.wrong.Load(); n > 0 {
				t.Errorf("%d bad ones were created", n)
			}
		})
	}
}

// TestRotation: another certificate is taken over, and no call fails.
func TestRotation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := prepareLive(t, webhook.Policy{Mode: webhook.Enforce})
	authority, err := certs.NewAuthority("test", time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	names := [2]string{filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")}
	rotate := func() {
		pair, err := authority.Issue([]string{"127.0.0.1"}, time.Now(), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range [][]byte{pair.Certificate, pair.Key} {
			if err := os.WriteFile(names[i], text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	rotate()
	files, err := certs.NewFiles(names[0], names[1], time.Now)
	if err != nil {
		t.Fatal(err)
	}
	l.serve(authority.Certificate, files.Certificate)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.Certificate)
	serial := func() string {
		c, err := tls.Dial("tcp", l.server.Addr, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}) //nolint:noctx // on loopback
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].SerialNumber.String()
	}
	l.register(admissionregistrationv1.Fail)
	l.setUp(shopNow)
	under := l.load(4)
	for range 3 {
		before, was := under.created.Load(), serial()
		l.until("the load runs", func() bool { return under.created.Load() > before+20 })
		rotate()
		l.until("another certificate is served", func() bool { return serial() != was })
	}
	// The API server connects anew, and sees the last one.
	l.server.SetKeepAlivesEnabled(false)
	before := under.created.Load()
	l.until("the load goes on", func() bool { return under.created.Load() > before+20 })
	under.stop()
	if under.failed.Load()+under.wrong.Load() > 0 || under.refused.Load() == 0 {
		t.Errorf("failed %d, wrongly created %d, refused %d", under.failed.Load(), under.wrong.Load(), under.refused.Load())
	}
}

// TestServersEnd: the API server and its etcd end and come back, and what happened
// meanwhile is seen.
func TestServersEnd(t *testing.T) {
	t.Parallel()
	l := startLive(t, webhook.Policy{Mode: webhook.Enforce}, admissionregistrationv1.Ignore)
	l.setUp(shopNow)
	for name, restart := range map[string]func(){
		"api":  func() { l.api.StopAPI(); l.api.StartAPI() },
		"etcd": func() { l.api.StopEtcd(); l.api.StartEtcd() },
		"both": func() { l.api.StopAPI(); l.api.StopEtcd(); l.api.StartEtcd(); l.api.StartAPI() },
	} {
		restart()
		text := strings.Replace(strings.Replace(badIngress, "extern", "internal", 1), "name: new", "name: after-"+name, 1)
		l.until("objects can be created after "+name, func() bool {
			_, err := l.create(text, metav1.CreateOptions{})
			return err == nil
		})
		ref := model.Ref{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: "after-" + name}
		l.until(ref.Name+" is seen", func() bool { return l.cluster.Snapshot().Get(ref) != nil })
		l.until("bad ones are refused after "+name, func() bool {
			_, err := l.create(badIngress, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
			return err != nil && strings.Contains(err.Error(), "ING-005")
		})
	}
	if l.cluster.Snapshot().Get(model.Ref{Kind: "Service", Namespace: "shop", Name: "web"}) == nil {
		t.Error("what was there before is gone")
	}
}

// TestManyAtOnce: of many objects that appear at once none is lost, and what concerns
// them is refused as soon as they are seen.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	const objects, namespaces, clients = 10_000, 50, 16
	l := startLive(t, webhook.Policy{Mode: webhook.Enforce}, admissionregistrationv1.Ignore)
	l.setUp(shopNow)
	for n := range namespaces {
		l.setUp(fmt.Sprintf("apiVersion: v1\nkind: Namespace\nmetadata: {name: many-%d}", n))
	}
	var group sync.WaitGroup
	for n := range clients {
		group.Go(func() {
			for i := n; i < objects; i += clients {
				text := fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: many-%d, namespace: many-%d}\n", i, i%namespaces)
				if _, err := l.create(text, metav1.CreateOptions{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	seen := func() int { return len(l.cluster.Snapshot().All(model.KindConfigMap)) }
	l.until("all are seen", func() bool { return seen() >= objects }) // beside those that the API server makes
	if _, err := l.create(badIngress, metav1.CreateOptions{}); err == nil || !strings.Contains(err.Error(), "ING-005") {
		t.Errorf("a bad Ingress beside them: %v", err)
	}
}

// TestSlowClients: those who send nothing, or a byte now and then, keep nobody else from
// an answer.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	l := startLive(t, webhook.Policy{Mode: webhook.Enforce}, admissionregistrationv1.Fail)
	l.setUp(shopNow)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(l.ca)
	for n := range 200 {
		c, err := tls.Dial("tcp", l.server.Addr, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}) //nolint:noctx // on loopback
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if n%2 == 0 {
			_, err = fmt.Fprintf(c, "POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	under := l.load(4)
	l.until("the load runs", func() bool { return under.created.Load() > 50 && under.refused.Load() > 50 })
	under.stop()
	if n := under.failed.Load() + under.wrong.Load(); n > 0 {
		t.Errorf("%d calls fail or are wrong", n)
	}
}
