package webhook_test

import (
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"

	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/pkg/model"
)

// grant gives the user watcher the right to some verbs of each kind that is watched.
func (l *live) grant(verbs func(resource string) []string) {
	l.t.Helper()
	watcher, err := webhook.NewWatcher(nil, l.objects, l.api.Config(), nil)
	if err != nil {
		l.t.Fatal(err)
	}
	role := parseObject(l.t, "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: watcher}")
	var rules []any
	for _, k := range watcher.Kinds() {
		var list []any
		for _, v := range verbs(k.Resource) {
			list = append(list, v)
		}
		if len(list) > 0 {
			rules = append(rules, map[string]any{"apiGroups": []any{k.Group}, "resources": []any{k.Resource}, "verbs": list})
		}
	}
	role.Object["rules"] = rules
	if _, err := l.of(role).Apply(l.t.Context(), "watcher", role, metav1.ApplyOptions{FieldManager: "test"}); err != nil {
		l.t.Fatal(err)
	}
}

const watcherBinding = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: watcher}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: watcher}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: watcher}]`

// TestMissingRights: the webhook is ready without the kinds that it may not list or watch,
// takes nothing of them for known, and takes them over when it may.
func TestMissingRights(t *testing.T) {
	t.Parallel()
	l := newLive(t)
	l.grant(func(resource string) []string {
		switch resource {
		case "deployments":
			return nil
		case "networkpolicies":
			return []string{"list"}
		default:
			return []string{"list", "watch"}
		}
	})
	for doc := range strings.SplitSeq(shopNow+"\n---\n"+cutOff+"\n---\n"+watcherBinding, "\n---\n") {
		if _, err := l.create(doc, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	config := l.api.Config()
	config.Impersonate = rest.ImpersonationConfig{UserName: "watcher"}
	l.watch(config)
	l.until("two kinds are missing", func() bool { return l.cluster.Missing() == 2 })
	unknown := func(domain model.Domain, kind string) model.Opaque {
		return model.Opaque{Domains: domain, AnyNamespace: true, Why: "objects that cannot be listed and watched, of kind " + kind}
	}
	want := model.Scope{Name: "live", Opaque: []model.Opaque{unknown(model.Workloads, "Deployment.apps"), unknown(model.Policies, "NetworkPolicy.networking.k8s.io")}}
	if diff := cmp.Diff(want, l.cluster.Snapshot().Scope()); diff != "" {
		t.Errorf("scope (-want +got):\n%s", diff)
	}
	policies := func() int { return len(l.cluster.Snapshot().All(model.KindNetworkPolicy)) }
	l.until("what was listed once is not known", func() bool { return policies() == 0 })

	l.review(webhook.Policy{Mode: webhook.Enforce})
	l.ask(admissionregistrationv1.Fail)
	warned := func() []string {
		l.warned.take()
		if _, err := l.create(lonelyService, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
			t.Fatal(err)
		}
		return l.warned.take()
	}
	if got := warned(); len(got) > 0 {
		t.Errorf("pods that are not known are missed: %v", got)
	}
	l.grant(func(resource string) []string {
		if resource == "networkpolicies" {
			return []string{"list"}
		}
		return []string{"list", "watch"}
	})
	l.until("the Deployments are known", func() bool { return l.cluster.Missing() == 1 })
	if got := len(l.cluster.Snapshot().All(model.KindDeployment)); got != 1 {
		t.Errorf("%d Deployments", got)
	}
	l.grant(func(string) []string { return []string{"list", "watch"} })
	l.until("all is known", func() bool { return l.cluster.Missing() == 0 })
	if got := warned(); !slices.Equal(got, []string{lonely}) {
		t.Errorf("pods that are known not to be there: %v", got)
	}
	if diff := cmp.Diff(model.Scope{Name: "live", Complete: true}, l.cluster.Snapshot().Scope()); diff != "" || policies() != 1 {
		t.Errorf("%d policies, scope (-want +got):\n%s", policies(), diff)
	}
	got := l.said()
	slices.Sort(got)
	if diff := cmp.Diff([]string{
		"cannot list deployments.apps, and what is of this kind is not known until it can: it may not",
		"cannot watch networkpolicies.networking.k8s.io, and what is of this kind is not known until it can: it may not",
	}, got); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
}

// groupPolicies has the fields that matter.
const groupPolicies = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: securitygrouppolicies.vpcresources.k8s.aws, annotations: {api-approved.kubernetes.io: "unapproved, a test"}}
spec:
  group: vpcresources.k8s.aws
  scope: Namespaced
  names: {kind: SecurityGroupPolicy, plural: securitygrouppolicies}
  versions:
  - name: v1beta1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              podSelector: {type: object, x-kubernetes-preserve-unknown-fields: true}
              securityGroups: {type: object, properties: {groupIds: {type: array, items: {type: string}}}}`

const groupPolicy = `apiVersion: vpcresources.k8s.aws/v1beta1
kind: SecurityGroupPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  securityGroups: {groupIds: [sg-1]}`

// TestKindsComeAndGo: a kind that is installed later is watched, and what is of it is
// judged. One that is removed leaves nothing behind, and may come again.
func TestKindsComeAndGo(t *testing.T) {
	t.Parallel()
	l := startLive(t, webhook.Policy{Mode: webhook.Enforce}, admissionregistrationv1.Fail)
	l.setUp(shopNow)
	ref := refOf(parseObject(t, groupPolicy))
	isSeen := func() bool { return l.cluster.Snapshot().Get(ref) != nil }
	install := func() {
		t.Helper()
		if _, err := l.create(groupPolicies, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		l.until("a good one is taken", func() bool {
			_, err := l.create(groupPolicy, metav1.CreateOptions{})
			if err != nil && !apierrors.IsNotFound(err) {
				t.Fatal(err)
			}
			return err == nil
		})
		if got := l.warned.take(); len(got) > 0 {
			t.Errorf("a good one: %v", got)
		}
		l.until("it is seen", isSeen)
	}
	install()
	other := func(from, to string) string {
		return strings.Replace(strings.Replace(groupPolicy, "name: web", "name: other", 1), from, to, 1)
	}
	_, err := l.create(other("[sg-1]", "[sg-1, sg-2, sg-3, sg-4, sg-5, sg-6]"), metav1.CreateOptions{})
	if err == nil || !strings.Contains(err.Error(), `denied the request: ekslint: [SGP-009] SecurityGroupPolicy "other" names 6 security groups`) {
		t.Errorf("too many groups: %v", err)
	}
	if _, err := l.create(other("podSelector: {matchLabels: {app: web}}", ""), metav1.CreateOptions{}); err != nil {
		t.Errorf("no selector: %v", err)
	}
	if got := l.warned.take(); len(got) != 1 || !strings.HasPrefix(got[0], `[SGP-009] SecurityGroupPolicy "other" has no selector`) {
		t.Errorf("no selector: %v", got)
	}

	definition := parseObject(t, groupPolicies)
	for range 2 {
		if err := l.of(definition).Delete(t.Context(), definition.GetName(), metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		l.until("it is gone", func() bool { return !isSeen() })
		l.until("the definition is gone", func() bool {
			_, err := l.of(definition).Get(t.Context(), definition.GetName(), metav1.GetOptions{})
			return apierrors.IsNotFound(err)
		})
		install()
	}
	if _, err := l.create(badIngress, metav1.CreateOptions{}); err == nil || !strings.Contains(err.Error(), "ING-005") {
		t.Errorf("a bad Ingress beside it: %v", err)
	}
	if n := l.cluster.Missing(); n > 0 {
		t.Errorf("%d kinds are missing", n)
	}
}

// TestUnconverted: a kind whose conversion webhook is broken is not waited for, is taken for
// not known, and is taken over when the webhook is mended.
func TestUnconverted(t *testing.T) {
	t.Parallel()
	l := newLive(t)
	definition := parseObject(t, groupPolicies)
	versions, _, _ := unstructured.NestedSlice(definition.Object, "spec", "versions")
	read, _ := versions[0].(map[string]any)
	stored := maps.Clone(read)
	stored["name"], read["storage"] = "v1", false
	_ = unstructured.SetNestedSlice(definition.Object, []any{read, stored}, "spec", "versions")
	convert := func(strategy string, by map[string]any) {
		t.Helper()
		conversion := map[string]any{"strategy": strategy}
		if by != nil {
			conversion["webhook"] = by
		}
		_ = unstructured.SetNestedMap(definition.Object, conversion, "spec", "conversion")
		if _, err := l.of(definition).Apply(t.Context(), definition.GetName(), definition, metav1.ApplyOptions{FieldManager: "test", Force: true}); err != nil {
			t.Fatal(err)
		}
	}
	broken := map[string]any{"clientConfig": map[string]any{"url": "https://127.0.0.1:1/convert"}, "conversionReviewVersions": []any{"v1"}}
	convert("Webhook", broken)
	if _, err := l.create(strings.Split(shopNow, "\n---\n")[0], metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	policy := strings.Replace(groupPolicy, "v1beta1", "v1", 1)
	l.until("the kind is served", func() bool {
		_, err := l.create(policy, metav1.CreateOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			t.Fatal(err)
		}
		return err == nil
	})
	l.watch(l.api.Config())
	l.until("the kind is missing", func() bool { return l.cluster.Missing() == 1 })
	if got := l.said(); len(got) != 1 || !strings.HasPrefix(got[0], "cannot list securitygrouppolicies.vpcresources.k8s.aws, and what is of this kind is not known until it can: ") ||
		!strings.Contains(got[0], "conversion webhook") {
		t.Errorf("said %v", got)
	}
	isKnown := func() bool { return l.cluster.Snapshot().Get(refOf(parseObject(t, groupPolicy))) != nil }
	convert("None", nil)
	l.until("it is known", func() bool { return isKnown() && l.cluster.Missing() == 0 })
	convert("Webhook", broken)
	l.until("it is missing again", func() bool { return !isKnown() && l.cluster.Missing() == 1 })
}

// TestTakenOver: what a controller of Kubernetes takes over is not looked at any more.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	l := prepareLive(t, webhook.Policy{Mode: webhook.Enforce})
	const byHand = `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints: [{addresses: [192.0.2.1]}]`
	l.setUp(shopNow + "\n---\n" + byHand)
	taken := parseObject(t, strings.Replace(byHand, "service-name: web", "service-name: web, endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io", 1))
	if _, err := l.of(taken).Apply(t.Context(), taken.GetName(), taken, metav1.ApplyOptions{FieldManager: "test", Force: true}); err != nil {
		t.Fatal(err)
	}
	l.until("it is not looked at", func() bool { return l.cluster.Snapshot().Get(refOf(taken)) == nil })
}

// wire is a TCP proxy that can be cut.
type wire struct {
	t        *testing.T
	listener net.Listener
	target   string
	mu       sync.Mutex
	ends     map[net.Conn]bool
	isCut    bool
}

func newWire(t *testing.T, target string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{t: t, listener: listener, target: target, ends: map[net.Conn]bool{}}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { w.join(c) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		w.cut()
		group.Wait()
	})
	return w
}

// join copies both ways until one end is closed.
func (w *wire) join(c net.Conn) {
	defer c.Close()
	other, err := net.Dial("tcp", w.target) //nolint:noctx // on loopback
	if err != nil {
		return
	}
	defer other.Close()
	w.mu.Lock()
	isCut := w.isCut
	w.ends[c], w.ends[other] = true, true
	w.mu.Unlock()
	if isCut {
		return
	}
	var group sync.WaitGroup
	for _, pair := range [][2]net.Conn{{c, other}, {other, c}} {
		group.Go(func() {
			_, _ = io.Copy(pair[0], pair[1])
			_ = pair[0].Close()
			_ = pair[1].Close()
		})
	}
	group.Wait()
}

// cut closes all connections, and those that come until mend.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = true
	for c := range w.ends {
		_ = c.Close()
	}
	clear(w.ends)
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = false
}

// startWired starts a webhook that refuses, and watches over a wire.
func startWired(t *testing.T) (*live, *wire) {
	t.Helper()
	l := newLive(t)
	config := l.api.Config()
	w := newWire(t, strings.TrimPrefix(config.Host, "https://"))
	config.Host = "https://" + w.listener.Addr().String()
	l.watch(config)
	l.review(webhook.Policy{Mode: webhook.Enforce})
	l.ask(admissionregistrationv1.Fail)
	l.setUp(shopNow)
	return l, w
}

// TestWatchIsCut: what changes while the webhook is cut off from an API server that goes
// on is known when it is back, and the answers follow.
func TestWatchIsCut(t *testing.T) {
	t.Parallel()
	l, w := startWired(t)
	const objects, last = 30, 2
	// Round after round some go, some change and some come; the last go with the next ones.
	value := func(n int, to string) {
		t.Helper()
		u := parseObject(t, fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cut-%d, namespace: shop}\ndata: {a: %s}", n, to))
		if _, err := l.of(u).Apply(t.Context(), u.GetName(), u, metav1.ApplyOptions{FieldManager: "test", Force: true}); err != nil {
			t.Fatal(err)
		}
	}
	api := parseObject(t, strings.ReplaceAll(strings.Split(shopNow, "\n---\n")[2], "web", "api"))
	for round := range last + 1 {
		for n := range objects {
			value(n, "old")
		}
		l.until("they are seen", func() bool { return l.configMaps("old") == objects })
		w.cut()
		for n := range objects / 3 {
			u := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": "shop"}}}
			if err := l.of(u).Delete(t.Context(), fmt.Sprintf("cut-%d", n), metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
			value(objects/3+n, "new")
			value(objects+n, "new")
		}
		var want []string
		if isThere := round%2 == 1; isThere {
			want = []string{lonely}
			if err := l.of(api).Delete(t.Context(), "api", metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
		} else if _, err := l.of(api).Create(t.Context(), api, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		if got := l.configMaps("old"); got != objects {
			t.Fatalf("it is not cut off: %d are as they were", got)
		}
		if round == last {
			// It has forgotten what happened, and shows what there is.
			l.api.StopAPI()
			l.api.StartAPI()
		}
		w.mend()
		l.until("what changed is known", func() bool { return l.configMaps("old") == objects/3 && l.configMaps("new") == 2*objects/3 })
		l.until("whether the pods are there is known", func() bool { return (l.cluster.Snapshot().Get(refOf(api)) == nil) == (want != nil) })
		l.warned.take()
		if _, err := l.create(lonelyService, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
			t.Fatal(err)
		}
		if got := l.warned.take(); !slices.Equal(got, want) {
			t.Errorf("round %d: warned of %v, want %v", round, got, want)
		}
	}
}

// configMaps counts those of the shop with a value.
func (l *live) configMaps(value string) int {
	n := 0
	for _, r := range l.cluster.Snapshot().List(model.KindConfigMap, "shop") {
		if c, ok := r.Object.(*corev1.ConfigMap); ok && c.Data["a"] == value {
			n++
		}
	}
	return n
}
