package webhook_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/internal/webhook/kubetest"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/model"
)

// live is a webhook that a real API server asks.
type live struct {
	t       testing.TB
	api     *kubetest.Server
	cluster *webhook.Cluster
	client  dynamic.Interface
	warned  *warnings
	handler http.Handler
	server  *http.Server
	ca      []byte
	objects *webhook.Objects
	// faults is what the webhook said.
	mu     sync.Mutex
	faults []string
}

func refOf(u *unstructured.Unstructured) model.Ref {
	gvk := u.GroupVersionKind()
	return model.Ref{Group: gvk.Group, Kind: gvk.Kind, Namespace: u.GetNamespace(), Name: u.GetName()}
}

// warnings collects what a client is warned of.
type warnings struct {
	mu   sync.Mutex
	list []string
}

func (w *warnings) HandleWarningHeader(_ int, _, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if strings.HasPrefix(text, "[") || strings.HasPrefix(text, "ekslint") {
		w.list = append(w.list, text)
	}
}

func (w *warnings) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.list
	w.list = nil
	return out
}

// newLive starts an API server that nobody watches yet.
func newLive(t *testing.T) *live {
	t.Helper()
	l := &live{t: t, api: kubetest.Start(t), warned: &warnings{}}
	config := l.api.Config()
	config.WarningHandler = l.warned
	l.client = dynamic.NewForConfigOrDie(config)
	checkers, err := ruleset.Set{}.Checkers(ruleset.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	l.objects = webhook.NewObjects(ruleset.Kinds(checkers))
	l.cluster = webhook.NewCluster(webhook.Options{Analysis: analyzer.Options{Checkers: checkers}, MaxAge: time.Hour, Clock: time.Now})
	return l
}

// fault collects what the webhook says.
func (l *live) fault(err error) {
	l.t.Logf("fault: %v", err)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, err.Error())
}

func (l *live) said() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.faults)
}

// prepareLive starts an API server that is watched, and not asked yet.
func prepareLive(t *testing.T, policy webhook.Policy) *live {
	t.Helper()
	l := newLive(t)
	l.watch(l.api.Config())
	l.review(policy)
	return l
}

func (l *live) review(policy webhook.Policy) {
	metrics := webhook.NewMetrics(l.cluster)
	l.handler = webhook.NewServer(webhook.ServerOptions{
		Reviewer: &webhook.Reviewer{
			Cluster: l.cluster, Objects: l.objects, Policy: policy, Observe: metrics.Observe,
			Link: func(id string) string { return "https://docs/" + id },
		}, Metrics: metrics, Fault: l.fault, Clock: time.Now,
	})
}

// startLive starts an API server that asks a webhook.
func startLive(t *testing.T, policy webhook.Policy, failure admissionregistrationv1.FailurePolicyType) *live {
	t.Helper()
	l := prepareLive(t, policy)
	l.ask(failure)
	return l
}

// ask has the API server ask the webhook.
func (l *live) ask(failure admissionregistrationv1.FailurePolicyType) {
	l.t.Helper()
	authority, pair := kubetest.Certificate(l.t)
	certificate, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		l.t.Fatal(err)
	}
	l.serve(authority.Certificate, func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &certificate, nil })
	l.register(failure)
}

// watch has the webhook watch the cluster, until it is known.
func (l *live) watch(config *rest.Config) {
	l.t.Helper()
	config.WarningHandler = rest.NoWarnings{}
	watcher, err := webhook.NewWatcher(l.cluster, l.objects, config, l.fault)
	if err != nil {
		l.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		watcher.Run(ctx)
	}()
	l.t.Cleanup(func() {
		cancel()
		<-done
	})
	l.until("the cluster is known", l.cluster.Ready)
}

// until waits for something that is about to be so.
func (l *live) until(what string, is func() bool) {
	l.t.Helper()
	kubetest.Until(l.t, what, is)
}

func (l *live) register(failure admissionregistrationv1.FailurePolicyType) {
	l.t.Helper()
	url, none := "https://"+l.server.Addr+"/validate", admissionregistrationv1.SideEffectClassNone
	timeout := int32(3)
	_, err := kubernetes.NewForConfigOrDie(l.api.Config()).AdmissionregistrationV1().ValidatingWebhookConfigurations().Create(l.t.Context(),
		&admissionregistrationv1.ValidatingWebhookConfiguration{
			ObjectMeta: metav1.ObjectMeta{Name: "ekslint"},
			Webhooks: []admissionregistrationv1.ValidatingWebhook{{
				Name: "validate.ekslint.io", AdmissionReviewVersions: []string{"v1"}, SideEffects: &none, FailurePolicy: &failure, TimeoutSeconds: &timeout,
				ClientConfig: admissionregistrationv1.WebhookClientConfig{URL: &url, CABundle: l.ca},
				Rules: []admissionregistrationv1.RuleWithOperations{{
					Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create, admissionregistrationv1.Update, admissionregistrationv1.Delete},
					Rule:       admissionregistrationv1.Rule{APIGroups: []string{"", "apps", "networking.k8s.io", "vpcresources.k8s.aws"}, APIVersions: []string{"*"}, Resources: []string{"*"}},
				}},
			}},
		}, metav1.CreateOptions{})
	if err != nil {
		l.t.Fatal(err)
	}
	// The API server takes a moment to ask.
	l.until("the webhook is asked", func() bool {
		_, err := l.create(strings.ReplaceAll(badIngress, "shop", "default"), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err != nil && strings.Contains(err.Error(), "ekslint") || len(l.warned.take()) > 0
	})
}

func (l *live) serve(ca []byte, certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)) {
	l.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l.t.Fatal(err)
	}
	l.ca = ca
	l.server = &http.Server{
		Addr: listener.Addr().String(), Handler: l.handler, ReadHeaderTimeout: time.Second,
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificate},
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := l.server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
			l.t.Error(err)
		}
	}()
	l.t.Cleanup(func() {
		_ = l.server.Close()
		<-done
	})
}

// resources are the paths of kinds that tests create.
var resources = map[string]string{
	"Namespace": "namespaces", "Service": "services", "Deployment": "deployments", "Ingress": "ingresses", "IngressClass": "ingressclasses",
	"NetworkPolicy": "networkpolicies", "Pod": "pods", "ConfigMap": "configmaps", "SecurityGroupPolicy": "securitygrouppolicies",
	"CustomResourceDefinition": "customresourcedefinitions", "ClusterRole": "clusterroles", "ClusterRoleBinding": "clusterrolebindings",
	"EndpointSlice": "endpointslices",
}

func parseObject(t testing.TB, text string) *unstructured.Unstructured {
	t.Helper()
	u := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &u.Object); err != nil {
		t.Fatal(err)
	}
	return u
}

func (l *live) of(u *unstructured.Unstructured) dynamic.ResourceInterface {
	gvk := u.GroupVersionKind()
	r := l.client.Resource(schema.GroupVersionResource{Group: gvk.Group, Version: gvk.Version, Resource: resources[gvk.Kind]})
	if u.GetNamespace() == "" {
		return r
	}
	return r.Namespace(u.GetNamespace())
}

func (l *live) create(text string, o metav1.CreateOptions) (*unstructured.Unstructured, error) {
	u := parseObject(l.t, text)
	return l.of(u).Create(l.t.Context(), u, o)
}

// setUp creates objects, and waits until the webhook has seen them.
func (l *live) setUp(text string) {
	l.t.Helper()
	for doc := range strings.SplitSeq(text, "\n---\n") {
		if _, err := l.create(doc, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			l.t.Fatal(err)
		}
	}
	for _, r := range parse(l.t, l.objects, text) {
		l.until(r.Ref.String()+" is seen", func() bool { return l.cluster.Snapshot().Get(r.Ref) != nil })
	}
	l.warned.take()
}

// checkList sends a List as kubectl does, object by object: what is wrong is refused, and the
// rest is created.
func (l *live) checkList(t *testing.T, good string) {
	t.Helper()
	list := parseObject(t, "apiVersion: v1\nkind: List\nitems: []")
	if !list.IsList() {
		t.Fatal("it is no list")
	}
	var items []any
	for _, text := range []string{badIngress, strings.Replace(good, "name: new", "name: listed", 1)} {
		items = append(items, parseObject(t, text).Object)
	}
	list.Object["items"] = items
	refused := map[string]bool{}
	err := list.EachListItem(func(o runtime.Object) error {
		u, _ := o.(*unstructured.Unstructured)
		_, err := l.of(u).Create(t.Context(), u, metav1.CreateOptions{})
		refused[u.GetName()] = err != nil && strings.Contains(err.Error(), "ING-005")
		return nil
	})
	if diff := cmp.Diff(map[string]bool{"new": true, "listed": false}, refused); err != nil || diff != "" {
		t.Errorf("a List: %v, refused (-want +got):\n%s", err, diff)
	}
	if _, err := l.of(parseObject(t, good)).Get(t.Context(), "listed", metav1.GetOptions{}); err != nil {
		t.Errorf("what is right in a List: %v", err)
	}
}

// shopNow is the shop without what is wrong with it.
var shopNow = shop[:strings.LastIndex(shop, "\n---\n")]

func TestRealServer(t *testing.T) {
	t.Parallel()
	l := startLive(t, webhook.Policy{Mode: webhook.Enforce}, admissionregistrationv1.Fail)
	l.setUp(shopNow)
	good := strings.Replace(badIngress, "extern", "internal", 1)

	_, err := l.create(badIngress, metav1.CreateOptions{})
	want := `admission webhook "validate.ekslint.io" denied the request: ekslint: ` + refusedIngress
	if err == nil || err.Error() != want {
		t.Errorf("a bad Ingress: got %v, want %s", err, want)
	}
	if _, err := l.create(badIngress, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}); err == nil {
		t.Error("a dry run is allowed what is refused without")
	}
	created, err := l.create(good, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("a good Ingress: %v", err)
	}
	bad := created.DeepCopy()
	bad.SetAnnotations(map[string]string{"alb.ingress.kubernetes.io/scheme": "extern"})
	if _, err := l.of(bad).Update(t.Context(), bad, metav1.UpdateOptions{}); err == nil || !strings.Contains(err.Error(), "ING-005") {
		t.Errorf("an update: %v", err)
	}
	bad.SetManagedFields(nil)
	bad.SetResourceVersion("")
	if _, err := l.of(bad).Apply(t.Context(), bad.GetName(), bad, metav1.ApplyOptions{FieldManager: "test", Force: true}); err == nil || !strings.Contains(err.Error(), "ING-005") {
		t.Errorf("a server-side apply: %v", err)
	}
	l.warned.take()
	if _, err := l.create(lonelyService, metav1.CreateOptions{}); err != nil {
		t.Errorf("a Service before its pods: %v", err)
	}
	if diff := cmp.Diff([]string{lonely}, l.warned.take()); diff != "" {
		t.Errorf("warnings of a Service before its pods (-want +got):\n%s", diff)
	}
	web := parseObject(t, strings.Replace(lonelyService, "name: api", "name: web", 1))
	l.until("the Ingress is seen", func() bool { return l.cluster.Snapshot().Get(refOf(created)) != nil })
	if err := l.of(web).Delete(t.Context(), "web", metav1.DeleteOptions{}); err != nil {
		t.Errorf("a Service that an Ingress needs: %v", err)
	}
	if got := l.warned.take(); len(got) != 1 || !strings.Contains(got[0], "[ING-002]") {
		t.Errorf("deleting a Service that an Ingress needs warns of %v", got)
	}
	l.setUp(town)
	if _, err := l.create(policyOf("shop", "a", onlyShop), metav1.CreateOptions{}); err != nil {
		t.Errorf("a policy that closes connections: %v", err)
	}
	const closes = "ekslint: it closes 2 connections, such as office/audit[Deployment] to Service shop/api on TCP 80"
	if got := l.warned.take(); !slices.Contains(got, closes) {
		t.Errorf("a policy that closes connections warns of %v", got)
	}
	l.checkList(t, good)
}

// TestOneAfterTheOther: what was just let through counts for what comes at once after it,
// before a watch tells of it, here of one that is cut meanwhile.
func TestOneAfterTheOther(t *testing.T) {
	t.Parallel()
	l, w := startWired(t)
	isSeen := func(u *unstructured.Unstructured) func() bool {
		return func() bool { return l.cluster.Snapshot().Get(refOf(u)) != nil }
	}
	for n := range 5 {
		name := fmt.Sprintf("after-%d", n)
		service := parseObject(t, fmt.Sprintf("apiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: shop}\nspec: {selector: {app: web}, ports: [{name: a, port: 80}]}", name))
		if _, err := l.of(service).Create(t.Context(), service, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		l.until("the Service is seen", isSeen(service))
		w.cut()
		ports := func(list string) error {
			_, err := l.of(service).Patch(t.Context(), name, types.MergePatchType, []byte(`{"spec": {"ports": `+list+`}}`), metav1.PatchOptions{})
			return err
		}
		ingress := strings.NewReplacer("name: new", "name: "+name, "name: web", "name: "+name, "extern", "internal", "number: 80", "number: 8181").Replace(badIngress)
		l.warned.take()
		if err := ports(`[{"name": "a", "port": 80}, {"name": "b", "port": 8181}]`); err != nil {
			t.Fatal(err)
		}
		if _, err := l.create(ingress, metav1.CreateOptions{}); err != nil {
			t.Errorf("an Ingress for a port that was just added: %v", err)
		}
		if got := l.warned.take(); len(got) > 0 {
			t.Errorf("warned: %v", got)
		}
		if err := ports(`[{"name": "a", "port": 80}]`); err == nil || !strings.Contains(err.Error(), "ING-003") {
			t.Errorf("a port is removed for which an Ingress was just created: %v", err)
		}
		w.mend()
		l.until("the Ingress is seen", isSeen(parseObject(t, ingress)))
	}
}
