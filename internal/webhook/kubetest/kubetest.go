// Package kubetest runs a real API server of Kubernetes on the loopback interface, with
// its etcd and without nodes, for tests.
package kubetest

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/ekslint/ekslint/internal/webhook/certs"
)

// Binaries names the folder with kube-apiserver and etcd, as `make kube` builds them.
const Binaries = "EKSLINT_KUBE"

// token is that of a user in system:masters.
const token = "admin-of-the-test"

// Until waits for something that is about to be so, two minutes at most.
func Until(t testing.TB, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: not so after two minutes", what)
		}
	}
}

// Server is an API server and its etcd. They end with the test.
type Server struct {
	t         testing.TB
	dir, bin  string
	etcd, api *process
	etcdURL   string
	port      int
}

// process is one of the two programs.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	log  string
}

// Start runs both. Without the binaries the test is skipped.
func Start(t testing.TB) *Server {
	t.Helper()
	bin := os.Getenv(Binaries) //nolint:forbidigo // the Makefile tells tests where it built the binaries
	if bin == "" {
		t.Skip("no API server: `make kube` builds it, and " + Binaries + " names its folder")
	}
	s := &Server{t: t, dir: t.TempDir(), bin: bin, port: freePort(t)}
	s.etcdURL = "http://127.0.0.1:" + strconv.Itoa(freePort(t))
	s.writeKeys()
	s.StartEtcd()
	s.StartAPI()
	return s
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()                     //nolint:errcheck // nothing was written
	return l.Addr().(*net.TCPAddr).Port //nolint:errcheck,forcetypeassert // it is one
}

func (s *Server) writeKeys() {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		s.t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	s.write("sa.key", text)
	s.write("tokens.csv", []byte(token+",admin,admin,system:masters\n"))
}

func (s *Server) write(name string, text []byte) {
	if err := os.WriteFile(filepath.Join(s.dir, name), text, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// StartEtcd starts etcd, with the data that it had.
func (s *Server) StartEtcd() {
	peer := "http://127.0.0.1:" + strconv.Itoa(freePort(s.t))
	s.etcd = s.run("etcd", "--data-dir", filepath.Join(s.dir, "etcd"), "--listen-client-urls", s.etcdURL, "--advertise-client-urls", s.etcdURL,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer, "--unsafe-no-fsync", "--log-level", "error")
	s.await(s.etcd, s.etcdURL+"/health", http.DefaultClient)
}

// StartAPI starts the API server.
func (s *Server) StartAPI() {
	s.api = s.run("kube-apiserver", "--etcd-servers", s.etcdURL, "--cert-dir", filepath.Join(s.dir, "certs"), "--secure-port", strconv.Itoa(s.port),
		"--bind-address", "127.0.0.1", "--service-account-key-file", filepath.Join(s.dir, "sa.key"),
		"--service-account-signing-key-file", filepath.Join(s.dir, "sa.key"), "--service-account-issuer", "https://kubernetes.default.svc",
		"--token-auth-file", filepath.Join(s.dir, "tokens.csv"), "--authorization-mode", "RBAC", "--service-cluster-ip-range", "10.96.0.0/16",
		"--disable-admission-plugins", "ServiceAccount", "--v", "1")
	client, err := rest.HTTPClientFor(s.Config())
	if err != nil {
		s.t.Fatal(err)
	}
	s.await(s.api, s.Config().Host+"/readyz", client)
}

// Processes are the programs that run, by name, with their process IDs.
func (s *Server) Processes() map[string]int {
	return map[string]int{"apiserver": s.api.cmd.Process.Pid, "etcd": s.etcd.cmd.Process.Pid}
}

// StopEtcd and StopAPI end a program as a crash would.
func (s *Server) StopEtcd() { s.stop(s.etcd) }

// StopAPI ends the API server as a crash would.
func (s *Server) StopAPI() { s.stop(s.api) }

// Config is how an administrator reaches the API server.
func (s *Server) Config() *rest.Config {
	return &rest.Config{
		Host: "https://127.0.0.1:" + strconv.Itoa(s.port), BearerToken: token, TLSClientConfig: rest.TLSClientConfig{Insecure: true},
		QPS: -1, // the test sets the pace
	}
}

func (s *Server) run(name string, args ...string) *process {
	s.t.Helper()
	p := &process{cmd: exec.Command(filepath.Join(s.bin, name), args...), done: make(chan struct{}), log: filepath.Join(s.dir, name+".log")} //nolint:gosec,noctx // the test's own; it ends with the test
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is not asked
		_ = log.Close()
		close(p.done)
	}()
	s.t.Cleanup(func() { s.stop(p) })
	return p
}

func (s *Server) stop(p *process) {
	if err := p.cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Errorf("kill: %v", err)
	}
	<-p.done
}

// await waits until an address answers.
func (s *Server) await(p *process, url string, client *http.Client) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if isOK(ctx, url, client) {
			return
		}
		select {
		case <-tick.C:
		case <-p.done:
			s.t.Fatalf("%s ended:\n%s", p.cmd.Path, tail(p.log))
		case <-ctx.Done():
			s.t.Fatalf("%s does not answer:\n%s", p.cmd.Path, tail(p.log))
		}
	}
}

func isOK(ctx context.Context, url string, client *http.Client) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	r, err := client.Do(req)
	if err != nil {
		return false
	}
	defer r.Body.Close() //nolint:errcheck // only the code is read
	return r.StatusCode == http.StatusOK
}

func tail(name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(text[max(0, len(text)-4000):])
}

// Certificate makes an authority, and a certificate of it for a webhook on 127.0.0.1.
func Certificate(t testing.TB) (authority, server certs.Pair) {
	t.Helper()
	authority, err := certs.NewAuthority("test", time.Now(), time.Hour) //nolint:forbidigo // who checks it asks the clock, too
	if err != nil {
		t.Fatal(err)
	}
	server, err = authority.Issue([]string{"127.0.0.1"}, time.Now(), time.Hour) //nolint:forbidigo // as above
	if err != nil {
		t.Fatal(err)
	}
	return authority, server
}

// Kubeconfig is Config as the text of a kubeconfig file.
func (s *Server) Kubeconfig() []byte {
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
clusters:
- name: test
  cluster: {server: %s, insecure-skip-tls-verify: true}
users:
- name: admin
  user: {token: %s}
contexts:
- name: test
  context: {cluster: test, user: admin}
current-context: test
`, s.Config().Host, token)
}
