package cli_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ekslint/ekslint/internal/cli"
	"github.com/ekslint/ekslint/internal/webhook/kubetest"
)

// lines is a writer that can be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func write(t *testing.T, name string, text []byte) string {
	t.Helper()
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestWebhook: the command serves what it says, against a real API server, and ends when
// it is told to.
func TestWebhook(t *testing.T) {
	t.Parallel()
	api, dir := kubetest.Start(t), t.TempDir()
	authority, pair := kubetest.Certificate(t)
	args := []string{
		"webhook", "--listen", "127.0.0.1:0", "--drain", "100ms", "--kubeconfig", write(t, filepath.Join(dir, "kubeconfig"), api.Kubeconfig()),
		"--cert", write(t, filepath.Join(dir, "tls.crt"), pair.Certificate), "--key", write(t, filepath.Join(dir, "tls.key"), pair.Key),
		"--config", write(t, filepath.Join(dir, "ekslint.yaml"), []byte("webhook: {mode: audit}\n")), "--mode", "warn",
		"--aws", "../../testdata/clusters/demo-terraform",
	}
	ctx, stop := context.WithCancel(t.Context())
	var stderr lines
	ended := make(chan int, 1)
	go func() { ended <- cli.Run(ctx, args, nil, io.Discard, &stderr) }()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.Certificate)
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	defer client.CloseIdleConnections()
	ask := func(method, path, body string) (int, string) {
		m := regexp.MustCompile(`listening on (\S+),`).FindStringSubmatch(stderr.String())
		if m == nil {
			return 0, ""
		}
		req, err := http.NewRequestWithContext(ctx, method, "https://"+m[1]+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		r, err := client.Do(req)
		if err != nil {
			return 0, err.Error()
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, string(text)
	}
	until := func(what string, is func() bool) {
		t.Helper()
		deadline := time.Now().Add(2 * time.Minute)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for !is() {
			if time.Now().After(deadline) {
				t.Fatalf("%s: not so after two minutes:\n%s", what, stderr.String())
			}
			<-tick.C
		}
	}
	until("it is ready", func() bool { code, _ := ask("GET", "/readyz", ""); return code == http.StatusOK })
	until("the AWS side is read", func() bool {
		_, text := ask("GET", "/metrics", "")
		return !strings.Contains(text, "ekslint_webhook_aws_age_seconds -1")
	})
	object := `{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"a","namespace":"default","annotations":{"alb.ingress.kubernetes.io/scheme":"extern"}},` +
		`"spec":{"ingressClassName":"alb","defaultBackend":{"service":{"name":"a","port":{"number":80}}}}}`
	code, text := ask("POST", "/validate?timeout=3s", fmt.Sprintf(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE",`+
		`"kind":{"group":"networking.k8s.io","version":"v1","kind":"Ingress"},"namespace":"default","name":"a","object":%s}}`, object))
	if code != http.StatusOK || !strings.Contains(text, `"allowed":true`) || !strings.Contains(text, "[ING-005]") || !strings.Contains(text, "docs/rules/ING-005.md") {
		t.Errorf("an answer in the mode of the flag: %d %s", code, text)
	}
	stop()
	select {
	case code := <-ended:
		if code != cli.ExitClean {
			t.Errorf("ends with %d:\n%s", code, stderr.String())
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("does not end:\n%s", stderr.String())
	}
}
