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
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/ekslint/ekslint/internal/cli"
	"github.com/ekslint/ekslint/internal/webhook/certs"
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

// running is the command webhook, as it runs.
type running struct {
	t      *testing.T
	stderr lines
	stop   context.CancelFunc
	ended  chan int
}

func run(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &running{t: t, stop: stop, ended: make(chan int, 1)}
	args = append([]string{"webhook", "--listen", "127.0.0.1:0", "--drain", "100ms"}, args...)
	go func() { r.ended <- cli.Run(ctx, args, nil, io.Discard, &r.stderr) }()
	return r
}

// ask returns code 0 as long as there is no answer. The server has to prove who it is.
func (r *running) ask(roots []byte, host, method, path, body string) (int, string) {
	r.t.Helper()
	m := regexp.MustCompile(`listening on (\S+),`).FindStringSubmatch(r.stderr.String())
	if m == nil {
		return 0, ""
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(roots)
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: host, MinVersion: tls.VersionTLS12}}}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(r.t.Context(), method, "https://"+m[1]+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func (r *running) until(what string, is func() bool) {
	r.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		if time.Now().After(deadline) {
			r.t.Fatalf("%s: not so after two minutes:\n%s", what, r.stderr.String())
		}
		<-tick.C
	}
}

// end checks that the command ends when it is told to.
func (r *running) end() {
	r.t.Helper()
	r.stop()
	select {
	case code := <-r.ended:
		if code != cli.ExitClean {
			r.t.Errorf("ends with %d:\n%s", code, r.stderr.String())
		}
	case <-time.After(20 * time.Second):
		r.t.Fatalf("does not end:\n%s", r.stderr.String())
	}
}

const plan = `{"format_version": "1.2", "terraform_version": "1.9.0", "timestamp": %q, "planned_values": {"root_module": {"resources": [
	{"address": "aws_vpc.a", "mode": "managed", "type": "aws_vpc", "name": "a", "values": {"cidr_block": "10.0.0.0/16"}}]}}}`

// TestWebhook: the command serves what it says, against a real API server, and ends when
// it is told to.
func TestWebhook(t *testing.T) {
	t.Parallel()
	api, dir := kubetest.Start(t), t.TempDir()
	authority, pair := kubetest.Certificate(t)
	r := run(t, "--kubeconfig", write(t, filepath.Join(dir, "kubeconfig"), api.Kubeconfig()),
		"--cert", write(t, filepath.Join(dir, "tls.crt"), pair.Certificate), "--key", write(t, filepath.Join(dir, "tls.key"), pair.Key),
		"--config", write(t, filepath.Join(dir, "ekslint.yaml"), []byte("webhook: {mode: audit}\n")), "--mode", "warn",
		"--aws", write(t, filepath.Join(dir, "plan.json"), fmt.Appendf(nil, plan, time.Now().Add(-time.Hour).Format(time.RFC3339))))
	ask := func(method, path, body string) (int, string) {
		return r.ask(authority.Certificate, "127.0.0.1", method, path, body)
	}
	r.until("it is ready", func() bool { code, _ := ask("GET", "/readyz", ""); return code == http.StatusOK })
	r.until("the AWS side is read, and as old as the plan says", func() bool {
		_, text := ask("GET", "/metrics", "")
		return regexp.MustCompile(`ekslint_webhook_aws_age_seconds 3[67]\d\d`).MatchString(text)
	})
	object := `{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"a","namespace":"default","annotations":{"alb.ingress.kubernetes.io/scheme":"extern"}},` +
		`"spec":{"ingressClassName":"alb","defaultBackend":{"service":{"name":"a","port":{"number":80}}}}}`
	code, text := ask("POST", "/validate?timeout=3s", fmt.Sprintf(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE",`+
		`"kind":{"group":"networking.k8s.io","version":"v1","kind":"Ingress"},"namespace":"default","name":"a","object":%s}}`, object))
	if code != http.StatusOK || !strings.Contains(text, `"allowed":true`) || !strings.Contains(text, "[ING-005]") || !strings.Contains(text, "docs/rules/ING-005.md") {
		t.Errorf("an answer in the mode of the flag: %d %s", code, text)
	}
	r.serves(ask, pair.Certificate)
	r.end()
}

// serves checks that the metrics say when the certificate ends.
func (r *running) serves(ask func(method, path, body string) (int, string), certificate []byte) {
	r.t.Helper()
	c, err := certs.Parse(certificate)
	if err != nil {
		r.t.Fatal(err)
	}
	_, text := ask("GET", "/metrics", "")
	m := regexp.MustCompile(`(?m)^ekslint_webhook_certificate_expiry_seconds (\S+)$`).FindStringSubmatch(text)
	if m == nil {
		r.t.Fatal("no metric says when the certificate ends")
	}
	if got, err := strconv.ParseFloat(m[1], 64); err != nil || int64(got) != c.NotAfter.Unix() {
		r.t.Errorf("the certificate ends at %s, want %d", m[1], c.NotAfter.Unix())
	}
}

// TestBootstrapCerts: two replicas serve one certificate, which they keep in the cluster.
// What is wrong is said once.
func TestBootstrapCerts(t *testing.T) {
	t.Parallel()
	api := kubetest.Start(t)
	kubeconfig := write(t, filepath.Join(t.TempDir(), "kubeconfig"), api.Kubeconfig())
	args := []string{"--kubeconfig", kubeconfig, "--bootstrap-certs", "--namespace", "default", "--service", "hook", "--secret", "hook-certs", "--webhook-configuration", "hook"}
	client := kubernetes.NewForConfigOrDie(api.Config())
	replicas := []*running{run(t, args...), run(t, args...)}
	for _, r := range replicas {
		var data map[string][]byte
		ask := func(method, path, body string) (int, string) {
			return r.ask(data["ca.crt"], "hook.default.svc", method, path, body)
		}
		r.until("it is ready", func() bool {
			if s, err := client.CoreV1().Secrets("default").Get(t.Context(), "hook-certs", metav1.GetOptions{}); err == nil {
				data = s.Data
			}
			code, _ := ask("GET", "/readyz", "")
			return code == http.StatusOK
		})
		r.serves(ask, data["tls.crt"])
		if want := "ekslint: caBundle: validatingwebhookconfigurations.admissionregistration.k8s.io \"hook\" not found\n"; strings.Count(r.stderr.String(), want) != 1 {
			t.Errorf("want %s once in\n%s", want, r.stderr.String())
		}
	}
	_, err := client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Create(t.Context(), &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "hook"},
		Webhooks: []admissionregistrationv1.ValidatingWebhook{{
			Name: "hook.ekslint.io", AdmissionReviewVersions: []string{"v1"}, SideEffects: new(admissionregistrationv1.SideEffectClassNone),
			ClientConfig: admissionregistrationv1.WebhookClientConfig{Service: &admissionregistrationv1.ServiceReference{Namespace: "default", Name: "hook"}},
		}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	replicas[0].until("the caBundle is there", func() bool {
		c, err := client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Get(t.Context(), "hook", metav1.GetOptions{})
		return err == nil && len(c.Webhooks[0].ClientConfig.CABundle) > 0
	})
	for _, r := range replicas {
		r.end()
	}
}
