package bootstrap_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/internal/webhook/bootstrap"
	"github.com/ekslint/ekslint/internal/webhook/certs"
	"github.com/ekslint/ekslint/internal/webhook/kubetest"
)

const (
	namespace = "ekslint"
	service   = "ekslint-webhook"
	secret    = "ekslint-webhook-certs"
	hooks     = "ekslint-webhook"
	host      = service + "." + namespace + ".svc"
)

// live is a real API server that asks a webhook of several replicas.
type live struct {
	t      *testing.T
	api    *kubetest.Server
	client *kubernetes.Clientset
	// passed is the time that only the replicas have seen go by.
	passed   atomic.Int64
	replicas []*bootstrap.Keeper
	// probe is served to those who ask whether an authority is trusted yet.
	probe atomic.Pointer[tls.Certificate]
	calls atomic.Int64
}

func start(t *testing.T) *live {
	t.Helper()
	api := kubetest.Start(t)
	l := &live{t: t, api: api, client: kubernetes.NewForConfigOrDie(api.Config())}
	_, err := l.client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// replica is one more, with a clock that is wrong by some time.
func (l *live) replica(config *rest.Config, skew time.Duration) *bootstrap.Keeper {
	l.t.Helper()
	k, err := bootstrap.New(config, bootstrap.Options{
		Namespace: namespace, Service: service, Secret: secret, Configuration: hooks,
		Clock: func() time.Time { return time.Now().Add(skew + time.Duration(l.passed.Load())) },
	})
	if err != nil {
		l.t.Fatal(err)
	}
	l.replicas = append(l.replicas, k)
	return k
}

// sync lets all replicas look at once.
func (l *live) sync() {
	l.t.Helper()
	var group sync.WaitGroup
	for i, k := range l.replicas {
		group.Go(func() {
			if err := k.Sync(l.t.Context()); err != nil {
				l.t.Errorf("replica %d: %v", i, err)
			}
		})
	}
	group.Wait()
}

// listen serves the webhook, with a handshake for each call.
func (l *live) listen(certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *int32 {
	l.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l.t.Fatal(err)
	}
	server := &http.Server{
		Handler: http.HandlerFunc(l.answer), ReadHeaderTimeout: time.Minute, TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificate},
	}
	server.SetKeepAlivesEnabled(false)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
			l.t.Error(err)
		}
	}()
	l.t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	port := int32(listener.Addr().(*net.TCPAddr).Port)
	return &port
}

// answer allows everything.
func (l *live) answer(w http.ResponseWriter, r *http.Request) {
	var review admissionv1.AdmissionReview
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
		l.t.Error(err)
		return
	}
	l.calls.Add(1)
	review.Response = &admissionv1.AdmissionResponse{UID: review.Request.UID, Allowed: true}
	if err := json.NewEncoder(w).Encode(review); err != nil {
		l.t.Error(err)
	}
}

// install registers the webhook, which the replicas serve in turn, and a second one that
// serves the probe.
func (l *live) install() {
	l.t.Helper()
	// The API server looks the name of such a Service up.
	_, err := l.client.CoreV1().Services(namespace).Create(l.t.Context(), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: service}, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "127.0.0.1"},
	}, metav1.CreateOptions{})
	if err != nil {
		l.t.Fatal(err)
	}
	var turn atomic.Int64
	ports := map[string]*int32{
		"load": l.listen(func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return l.replicas[int(turn.Add(1))%len(l.replicas)].Certificate(hello)
		}),
		"probe": l.listen(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return l.probe.Load(), nil }),
	}
	config := &admissionregistrationv1.ValidatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: hooks}}
	for name, port := range ports {
		fail, none, timeout := admissionregistrationv1.Fail, admissionregistrationv1.SideEffectClassNone, int32(30)
		config.Webhooks = append(config.Webhooks, admissionregistrationv1.ValidatingWebhook{
			Name: name + ".ekslint.io", AdmissionReviewVersions: []string{"v1"}, SideEffects: &none, FailurePolicy: &fail, TimeoutSeconds: &timeout,
			ClientConfig:   admissionregistrationv1.WebhookClientConfig{Service: &admissionregistrationv1.ServiceReference{Namespace: namespace, Name: service, Port: port}},
			ObjectSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"for": name}},
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create},
				Rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"configmaps"}},
			}},
		})
	}
	if _, err := l.client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Create(l.t.Context(), config, metav1.CreateOptions{}); err != nil {
		l.t.Fatal(err)
	}
}

// call makes the API server ask one of the webhooks.
func (l *live) call(ctx context.Context, name string) error {
	_, err := l.client.CoreV1().ConfigMaps(namespace).Create(ctx, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "call-", Labels: map[string]string{"for": name}},
	}, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	return err
}

// until waits for something that is about to be so.
func (l *live) until(what string, is func() bool) {
	l.t.Helper()
	kubetest.Until(l.t, what, is)
}

func (l *live) secret() map[string][]byte {
	l.t.Helper()
	s, err := l.client.CoreV1().Secrets(namespace).Get(l.t.Context(), secret, metav1.GetOptions{})
	if err != nil {
		l.t.Fatal(err)
	}
	return s.Data
}

// trusted waits until the API server takes what the authority of the Secret issues.
func (l *live) trusted() {
	l.t.Helper()
	data := l.secret()
	pair, err := certs.Pair{Certificate: data["ca.crt"], Key: data["ca.key"]}.Issue([]string{host}, time.Now(), time.Hour)
	if err != nil {
		l.t.Fatal(err)
	}
	c, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		l.t.Fatal(err)
	}
	l.probe.Store(&c)
	l.until("the authority is trusted", func() bool { return l.call(l.t.Context(), "probe") == nil })
}

// agree checks that all replicas serve what the Secret holds, and that the webhooks have
// its authorities.
func (l *live) agree(when string) {
	l.t.Helper()
	data := l.secret()
	want, err := tls.X509KeyPair(data["tls.crt"], data["tls.key"])
	if err != nil {
		l.t.Fatal(err)
	}
	for i, k := range l.replicas {
		got, err := k.Certificate(nil)
		if err != nil || !bytes.Equal(got.Certificate[0], want.Certificate[0]) {
			l.t.Errorf("%s: replica %d serves another certificate than the Secret holds, or none: %v", when, i, err)
		}
	}
	config, err := l.client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Get(l.t.Context(), hooks, metav1.GetOptions{})
	if err != nil {
		l.t.Fatal(err)
	}
	for _, w := range config.Webhooks {
		if !bytes.Equal(w.ClientConfig.CABundle, data["ca.crt"]) {
			l.t.Errorf("%s: webhook %s has another caBundle than the Secret", when, w.Name)
		}
	}
}

// TestReplicas: five replicas whose clocks differ begin at once, and renew everything at
// once for more than two years. The API server takes what they serve all the time.
func TestReplicas(t *testing.T) {
	t.Parallel()
	l := start(t)
	for _, skew := range []time.Duration{0, 40 * time.Minute, -40 * time.Minute, time.Hour, -time.Hour} {
		l.replica(l.api.Config(), skew)
	}
	l.install()
	l.sync()
	l.agree("at first")
	l.until("the webhook is asked", func() bool { return l.call(t.Context(), "load") == nil && l.calls.Load() > 0 })

	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	var good, bad atomic.Int64
	for range 4 {
		group.Go(func() {
			for ctx.Err() == nil {
				if err := l.call(ctx, "load"); err == nil {
					good.Add(1)
				} else if ctx.Err() == nil && bad.Add(1) == 1 {
					t.Errorf("a call failed: %v", err)
				}
			}
		})
	}
	defer group.Wait()
	defer cancel()
	certificates, keys := map[string]bool{}, map[string]bool{}
	for range 26 { // months
		for _, d := range []time.Duration{30 * 24 * time.Hour, 10 * time.Minute, 10 * time.Minute} {
			l.passed.Add(int64(d))
			l.sync()
			l.trusted()
			before := good.Load()
			l.until("the load goes on", func() bool { return good.Load() > before+20 })
			data := l.secret()
			certificates[string(data["tls.crt"])], keys[string(data["ca.key"])] = true, true
		}
		l.agree("twenty minutes later")
	}
	cancel()
	group.Wait()
	t.Logf("%d calls, %d certificates, %d authorities", good.Load(), len(certificates), len(keys))
	if bad.Load() > 0 || len(keys) != 2 || len(certificates) < 10 {
		t.Errorf("%d of %d calls failed, while there were %d certificates of %d authorities", bad.Load(), bad.Load()+good.Load(), len(certificates), len(keys))
	}
}

// TestPutBack: what somebody removes is put back, and works again.
func TestPutBack(t *testing.T) {
	t.Parallel()
	l := start(t)
	l.replica(l.api.Config(), 0)
	k := l.replica(l.api.Config(), 0)
	if err := k.Sync(t.Context()); err == nil || !strings.Contains(err.Error(), `caBundle: validatingwebhookconfigurations.admissionregistration.k8s.io "ekslint-webhook" not found`) {
		t.Errorf("without a webhook configuration Sync says %v", err)
	}
	l.install()
	l.sync()
	was := l.secret()
	patch := func(text string) {
		t.Helper()
		if _, err := l.client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Patch(t.Context(), hooks, types.StrategicMergePatchType, []byte(text), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for name, spoil := range map[string]func(){
		"nothing": func() {},
		"the caBundle": func() {
			patch(`{"webhooks": [{"name": "load.ekslint.io", "clientConfig": {"caBundle": null}}]}`)
			l.until("the API server trusts nobody", func() bool { return l.call(t.Context(), "load") != nil })
		},
		"another caBundle": func() {
			other, _ := kubetest.Certificate(t)
			text, err := json.Marshal(other.Certificate)
			if err != nil {
				t.Fatal(err)
			}
			patch(`{"webhooks": [{"name": "probe.ekslint.io", "clientConfig": {"caBundle": ` + string(text) + `}}]}`)
		},
		"the Secret": func() {
			if err := l.client.CoreV1().Secrets(namespace).Delete(t.Context(), secret, metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
		},
		"its content": func() {
			text := []byte(`{"data": {"tls.crt": "eA==", "ca.key": null}}`)
			if _, err := l.client.CoreV1().Secrets(namespace).Patch(t.Context(), secret, types.StrategicMergePatchType, text, metav1.PatchOptions{}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		spoil()
		l.sync()
		l.agree(name)
		l.trusted()
		l.until(name+" is put back", func() bool { return l.call(t.Context(), "load") == nil })
		if now := l.secret(); !bytes.Equal(now["ca.crt"], was["ca.crt"]) || !bytes.Equal(now["tls.crt"], was["tls.crt"]) {
			t.Errorf("%s: there is another certificate", name)
		}
	}
}

// TestRights: without rights the error says which, and those of docs/webhook.md are enough.
func TestRights(t *testing.T) {
	t.Parallel()
	l := start(t)
	config := l.api.Config()
	config.Impersonate.UserName = "webhook"
	k := l.replica(config, 0)
	says := func(want string) {
		t.Helper()
		var err error
		l.until(want, func() bool { err = k.Sync(t.Context()); return err != nil && strings.Contains(err.Error(), want) })
	}
	says(`certificate: secrets "ekslint-webhook-certs" is forbidden: User "webhook" cannot get resource "secrets" in API group "" in the namespace "ekslint"`)
	if _, err := k.Certificate(nil); err == nil {
		t.Error("there is a certificate")
	}
	role, clusterRole := documented(t)
	user := []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: "webhook"}}
	rbac := l.client.RbacV1()
	if _, err := rbac.Roles(namespace).Create(t.Context(), role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := rbac.RoleBindings(namespace).Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role.Name}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name}, Subjects: user,
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	l.install()
	says(`caBundle: validatingwebhookconfigurations.admissionregistration.k8s.io "ekslint-webhook" is forbidden: User "webhook" cannot get`)
	if c, err := k.Certificate(nil); err != nil || c == nil {
		t.Errorf("there is no certificate: %v", err)
	}
	if _, err := rbac.ClusterRoles().Create(t.Context(), clusterRole, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := rbac.ClusterRoleBindings().Create(t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: clusterRole.Name}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: clusterRole.Name}, Subjects: user,
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	l.until("the rights are enough", func() bool { return k.Sync(t.Context()) == nil })
	was := l.secret()
	l.passed.Add(int64(61 * 24 * time.Hour))
	l.sync()
	l.agree("after a renewal")
	if bytes.Equal(l.secret()["tls.crt"], was["tls.crt"]) {
		t.Error("nothing was renewed")
	}
}

// documented are the two roles of docs/webhook.md.
func documented(t *testing.T) (role *rbacv1.Role, clusterRole *rbacv1.ClusterRole) {
	t.Helper()
	text, err := os.ReadFile("../../../docs/webhook.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\napiVersion: rbac.authorization.k8s.io/v1\n")
	block, _, _ := strings.Cut(rest, "```")
	first, second, ok := strings.Cut(block, "---\n")
	if !ok {
		t.Fatal("docs/webhook.md has no two roles")
	}
	role, clusterRole = &rbacv1.Role{}, &rbacv1.ClusterRole{}
	for text, into := range map[string]any{first: role, second: clusterRole} {
		if err := yaml.UnmarshalStrict([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	return role, clusterRole
}
