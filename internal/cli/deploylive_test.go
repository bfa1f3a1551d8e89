package cli_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"github.com/ekslint/ekslint/internal/cli"
	"github.com/ekslint/ekslint/internal/deploy"
	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/internal/webhook/kubetest"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
)

// installation is the chart in a real API server.
type installation struct {
	t      *testing.T
	api    *kubetest.Server
	client *kubernetes.Clientset
	mapper meta.RESTMapper
	warned warned
}

// warned collects what the API server warns of.
type warned struct {
	mu   sync.Mutex
	list []string
}

// HandleWarningHeader implements rest.WarningHandler.
func (w *warned) HandleWarningHeader(_ int, _, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, text)
}

func (w *warned) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.list
	w.list = nil
	return out
}

func newInstallation(t *testing.T) *installation {
	t.Helper()
	x := &installation{t: t, api: kubetest.Start(t)}
	x.client = kubernetes.NewForConfigOrDie(x.api.Config())
	return x
}

// discover asks which kinds there are.
func (x *installation) discover() {
	x.t.Helper()
	groups, err := restmapper.GetAPIGroupResources(x.client.Discovery())
	if err != nil {
		x.t.Fatal(err)
	}
	x.mapper = restmapper.NewDiscoveryRESTMapper(groups)
}

// at is where an object is, for an administrator who is perhaps somebody else.
func (x *installation) at(u *unstructured.Unstructured, as rest.ImpersonationConfig) dynamic.ResourceInterface {
	x.t.Helper()
	gvk := u.GroupVersionKind()
	m, err := x.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		x.t.Fatal(err)
	}
	config := x.api.Config()
	config.WarningHandler, config.Impersonate = &x.warned, as
	r := dynamic.NewForConfigOrDie(config).Resource(m.Resource)
	if m.Scope.Name() == meta.RESTScopeNameNamespace {
		return r.Namespace(u.GetNamespace())
	}
	return r
}

// apply applies an object as `kubectl apply --server-side --validate=strict` does.
func (x *installation) apply(u *unstructured.Unstructured, dryRun ...string) {
	x.t.Helper()
	text, err := u.MarshalJSON()
	if err != nil {
		x.t.Fatal(err)
	}
	force := true
	if _, err := x.at(u, rest.ImpersonationConfig{}).Patch(x.t.Context(), u.GetName(), types.ApplyPatchType, text, metav1.PatchOptions{
		FieldManager: "test", FieldValidation: metav1.FieldValidationStrict, Force: &force, DryRun: dryRun,
	}); err != nil {
		x.t.Errorf("%s %s: %v", u.GetKind(), u.GetName(), err)
	}
}

// applyManifests applies the plain manifests, and returns them.
func (x *installation) applyManifests() []*unstructured.Unstructured {
	x.t.Helper()
	x.discover()
	plain := objects(x.t, string(read(x.t, filepath.Join(deployDir, "manifests", "ekslint-webhook.yaml"))))
	for _, u := range plain {
		x.apply(u)
	}
	return plain
}

// until waits for something that is about to be so.
func (x *installation) until(what string, is func() bool) {
	x.t.Helper()
	kubetest.Until(x.t, what, is)
}

// define adds the kinds of others that the webhook watches.
func (x *installation) define() {
	x.t.Helper()
	kinds, reader := watched(x.t)
	x.discover()
	var defined []schema.GroupKind
	for _, k := range kinds {
		if _, err := x.mapper.RESTMapping(schema.GroupKind(k.GroupKind)); err == nil {
			continue
		}
		version := "v9" // of a kind that is read whatever the version
		for _, v := range []string{"v1", "v1beta1", "v1alpha1", "v1alpha2", "v2"} {
			if reader.Keeps(k.Group+"/"+v, k.Kind) {
				version = v
			}
		}
		defined = append(defined, schema.GroupKind(k.GroupKind))
		x.apply(&unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
			"metadata": map[string]any{
				"name": k.Resource + "." + k.Group,
				// Groups of Kubernetes ask for it: https://github.com/kubernetes/enhancements/pull/1111
				"annotations": map[string]any{"api-approved.kubernetes.io": "unapproved, a test"},
			},
			"spec": map[string]any{
				"group": k.Group, "scope": "Namespaced", "names": map[string]any{"kind": k.Kind, "plural": k.Resource},
				"versions": []any{map[string]any{
					"name": version, "served": true, "storage": true,
					"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
				}},
			},
		}})
	}
	x.until("they are served", func() bool {
		x.discover()
		return !slices.ContainsFunc(defined, func(gk schema.GroupKind) bool {
			_, err := x.mapper.RESTMapping(gk)
			return err != nil
		})
	})
}

// watched is what the chart says that is watched, and who reads it with every rule.
func watched(t *testing.T) ([]deploy.Kind, *manifest.Reader) {
	t.Helper()
	kinds, err := deploy.Watched()
	if err != nil {
		t.Fatal(err)
	}
	checkers, err := ruleset.Set{}.Checkers(ruleset.Filter{Preset: ruleset.Strict})
	if err != nil {
		t.Fatal(err)
	}
	return kinds, manifest.NewReader(ruleset.Kinds(checkers))
}

// token is one of a service account in the namespace of the chart.
func (x *installation) token(name string) string {
	x.t.Helper()
	r, err := x.client.CoreV1().ServiceAccounts(own).CreateToken(x.t.Context(), name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		x.t.Fatal(err)
	}
	return r.Status.Token
}

// may lists what the bearer of a token may do in a namespace.
func (x *installation) may(token, namespace string) map[string]bool {
	x.t.Helper()
	config := x.api.Config()
	config.BearerToken = token
	review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace}}
	review, err := kubernetes.NewForConfigOrDie(config).AuthorizationV1().SelfSubjectRulesReviews().Create(x.t.Context(), review, metav1.CreateOptions{})
	if err != nil {
		x.t.Fatal(err)
	}
	if review.Status.Incomplete {
		x.t.Fatalf("incomplete: %s", review.Status.EvaluationError)
	}
	out := map[string]bool{}
	for _, r := range review.Status.ResourceRules {
		for _, verb := range r.Verbs {
			for _, group := range r.APIGroups {
				for _, resource := range r.Resources {
					for _, name := range append([]string{""}, r.ResourceNames...)[min(1, len(r.ResourceNames)):] {
						out[strings.TrimSpace(verb+" "+group+"/"+resource+" "+name)] = true
					}
				}
			}
		}
	}
	for _, r := range review.Status.NonResourceRules {
		for _, verb := range r.Verbs {
			for _, url := range r.NonResourceURLs {
				out[verb+" "+url] = true
			}
		}
	}
	return out
}

const own = "ekslint-system"

// TestDeployedRights: the service account may list and watch what is watched, may write its
// own certificate and webhook configuration, may read the AWS side, may write what an audit
// finds where there is one, and may do nothing else.
func TestDeployedRights(t *testing.T) {
	t.Parallel()
	x := newInstallation(t)
	x.define()
	for _, u := range append(objects(t, "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+own+"}"), rendered(t, map[string]any{"aws": map[string]any{"configMap": "aws"}})...) {
		x.apply(u)
	}
	x.apply(objects(t, "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: nobody, namespace: "+own+"}")[0])

	kinds, _ := watched(t)
	checkers, err := ruleset.Set{}.Checkers(ruleset.Filter{Preset: ruleset.Strict})
	if err != nil {
		t.Fatal(err)
	}
	watcher, err := webhook.NewWatcher(nil, webhook.NewObjects(ruleset.Kinds(checkers)), x.api.Config(), nil)
	if err != nil {
		t.Fatal(err)
	}
	everywhere := map[string]bool{}
	var said, served []string
	for _, k := range kinds {
		said = append(said, k.Group+"/"+k.Resource)
	}
	for _, k := range watcher.Kinds() {
		served = append(served, k.Group+"/"+k.Resource)
		everywhere["list "+k.Group+"/"+k.Resource], everywhere["watch "+k.Group+"/"+k.Resource] = true, true
	}
	if diff := cmp.Diff(served, said); diff != "" {
		t.Errorf("what the webhook watches, and what the chart says (-watches +says):\n%s", diff)
	}
	for _, verb := range []string{"get", "patch"} {
		everywhere[verb+" admissionregistration.k8s.io/validatingwebhookconfigurations ekslint-webhook"] = true
	}
	at := maps.Clone(everywhere)
	at["get /secrets ekslint-webhook-certs"], at["update /secrets ekslint-webhook-certs"], at["create /secrets"] = true, true, true
	at["get /configmaps aws"] = true
	x.checkRights(at, everywhere)

	for _, u := range rendered(t, map[string]any{"audit": map[string]any{"interval": "10m", "reports": true}, "aws": map[string]any{"configMap": "aws"}}) {
		x.apply(u)
	}
	for _, rights := range []map[string]bool{at, everywhere} {
		for _, resource := range []string{"policyreports", "clusterpolicyreports"} {
			rights["create wgpolicyk8s.io/"+resource] = true
			for _, verb := range []string{"list", "update", "delete"} {
				rights[verb+" wgpolicyk8s.io/"+resource+" ekslint"] = true
			}
		}
	}
	const lease = "coordination.k8s.io/leases"
	at["create "+lease], at["get "+lease+" ekslint-webhook-audit"], at["update "+lease+" ekslint-webhook-audit"] = true, true, true
	x.checkRights(at, everywhere)
}

// checkRights checks what the service account may do at its namespace, and everywhere.
func (x *installation) checkRights(at, everywhere map[string]bool) {
	x.t.Helper()
	everybody, itself := x.token("nobody"), x.token("ekslint-webhook")
	for namespace, want := range map[string]map[string]bool{own: at, "default": everywhere} {
		got := x.may(itself, namespace)
		for right := range x.may(everybody, namespace) {
			delete(got, right)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			x.t.Errorf("rights in %s (-want +got):\n%s", namespace, diff)
		}
	}
}

// TestDeployedIsAccepted: the API server takes every field of everything there is to install,
// and the pods are admitted to their namespace.
func TestDeployedIsAccepted(t *testing.T) {
	t.Parallel()
	x := newInstallation(t)
	plain := x.applyManifests()
	x.checkUpgrade(plain)
	authority, _ := kubetest.Certificate(t)
	more := valuesOf(t, "everything.yaml")
	maps.Copy(more, certified(string(authority.Certificate)))
	more["serviceMonitor"] = map[string]any{} // its kind is not there
	for _, u := range rendered(t, more) {
		x.apply(u, metav1.DryRunAll)
	}
	template := deploymentOf(t, rendered(t, more)).Spec.Template
	template.Spec.PriorityClassName = ""
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "a", Labels: template.Labels}, Spec: template.Spec}
	if _, err := x.client.CoreV1().Pods(own).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Errorf("its pod: %v", err)
	}
	pod.Name, pod.Spec.Containers[0].SecurityContext = "b", nil
	if _, err := x.client.CoreV1().Pods(own).Create(t.Context(), pod, metav1.CreateOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("a pod that is allowed more: %v", err)
	}
	if w := x.warned.take(); len(w) > 0 {
		t.Errorf("warnings: %v", w)
	}
}

// checkUpgrade applies again what is there, and looks whether what the webhook wrote stays.
func (x *installation) checkUpgrade(plain []*unstructured.Unstructured) {
	x.t.Helper()
	config := x.api.Config()
	config.BearerToken = x.token("ekslint-webhook")
	configurations := kubernetes.NewForConfigOrDie(config).AdmissionregistrationV1().ValidatingWebhookConfigurations()
	authority, _ := kubetest.Certificate(x.t)
	patch, err := json.Marshal([]map[string]any{{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": authority.Certificate}})
	if err != nil {
		x.t.Fatal(err)
	}
	if _, err := configurations.Patch(x.t.Context(), "ekslint-webhook", types.JSONPatchType, patch, metav1.PatchOptions{}); err != nil {
		x.t.Fatal(err)
	}
	for _, u := range plain {
		x.apply(u)
	}
	c, err := configurations.Get(x.t.Context(), "ekslint-webhook", metav1.GetOptions{})
	if err != nil || string(c.Webhooks[0].ClientConfig.CABundle) != string(authority.Certificate) {
		x.t.Errorf("the authority that the webhook wrote is gone: %v", err)
	}
}

// TestDeployedServes: the command of the Deployment, with the service account of the chart,
// answers the API server that has its webhook configuration.
func TestDeployedServes(t *testing.T) {
	t.Parallel()
	x := newInstallation(t)
	x.define()
	authority, pair := kubetest.Certificate(t)
	values := certified(string(authority.Certificate))
	values["aws"] = map[string]any{"configMap": "aws"}
	values["config"] = map[string]any{"preset": "strict", "webhook": map[string]any{"mode": "enforce"}}
	values["audit"] = map[string]any{"interval": "10m", "reports": true}
	x.api.DefinePolicyReports()
	chart := rendered(t, values)
	x.apply(objects(t, "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+own+"}")[0])
	config := ""
	for _, u := range chart {
		x.apply(u)
		if u.GetKind() == "ConfigMap" {
			config, _, _ = unstructured.NestedString(u.Object, "data", "ekslint.yaml")
		}
	}
	args := command(t, deploymentOf(t, chart), map[string]map[string]string{
		"config": {"ekslint.yaml": config}, "tls": {"tls.crt": string(pair.Certificate), "tls.key": string(pair.Key)},
	})
	side := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "aws", Annotations: map[string]string{webhook.AsOf: time.Now().Add(-time.Hour).Format(time.RFC3339)}},
		Data:       map[string]string{"vpcs.json": `{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}`},
	}
	if _, err := x.client.CoreV1().ConfigMaps(own).Create(t.Context(), side, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	s := x.serve(append(args, "--listen=127.0.0.1:0", "--drain=100ms",
		"--kubeconfig="+write(t, filepath.Join(t.TempDir(), "kubeconfig"), kubeconfig(x.api.Config().Host, x.token("ekslint-webhook")))), authority.Certificate)
	x.until("the AWS side is read, and has the age that is noted", func() bool {
		return regexp.MustCompile(`ekslint_webhook_aws_age_seconds 3[67]\d\d`).MatchString(s.get("/metrics"))
	})
	x.until("an audit is done", func() bool {
		return regexp.MustCompile(`(?m)^ekslint_audit_last_success_timestamp_seconds [^0]`).MatchString(s.get("/metrics"))
	})
	x.redirect(s.address)
	x.checkAsked(s)
	if text := s.stderr.String(); strings.Contains(text, "forbidden") || strings.Contains(text, "ekslint.yaml") {
		t.Errorf("it says:\n%s", text)
	}
}

// TestDeployedBootstraps: with the rights of the chart, and as the plain manifests run it, the
// webhook makes its certificate and has the API server trust it.
func TestDeployedBootstraps(t *testing.T) {
	t.Parallel()
	x := newInstallation(t)
	plain := x.applyManifests()
	args := command(t, deploymentOf(t, plain), map[string]map[string]string{"config": {"ekslint.yaml": "{}"}})
	var stderr lines
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Run(ctx, append(args, "--listen=127.0.0.1:0", "--drain=100ms",
			"--kubeconfig="+write(t, filepath.Join(t.TempDir(), "kubeconfig"), kubeconfig(x.api.Config().Host, x.token("ekslint-webhook")))), nil, io.Discard, &stderr)
	}()
	var trusted []byte
	x.until("the API server trusts it", func() bool {
		if len(ended) > 0 {
			t.Fatalf("it ended:\n%s", stderr.String())
		}
		c, err := x.client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Get(ctx, "ekslint-webhook", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		trusted = c.Webhooks[0].ClientConfig.CABundle
		return len(trusted) > 0
	})
	secret, err := x.client.CoreV1().Secrets(own).Get(ctx, "ekslint-webhook-certs", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(secret.Data["tls.crt"], secret.Data["tls.key"])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(trusted)
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "ekslint-webhook." + own + ".svc"}); err != nil {
		t.Error(err)
	}
	stop()
	if code := <-ended; code != cli.ExitClean || strings.Contains(stderr.String(), "forbidden") {
		t.Errorf("it ends with %d and says:\n%s", code, stderr.String())
	}
}

// serving is a command that serves.
type serving struct {
	t       *testing.T
	address string
	client  *http.Client
	stderr  *lines
}

// serve runs the command until the test ends, and returns when it is ready.
func (x *installation) serve(args []string, authority []byte) *serving {
	x.t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	s := &serving{t: x.t, stderr: &lines{}, client: &http.Client{
		Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
	}}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() { ended <- cli.Run(ctx, args, nil, io.Discard, s.stderr) }()
	x.t.Cleanup(func() {
		stop()
		s.client.CloseIdleConnections()
		if code := <-ended; code != cli.ExitClean {
			x.t.Errorf("it ends with %d:\n%s", code, s.stderr.String())
		}
	})
	listens := regexp.MustCompile(`listening on (\S+),`)
	x.until("it is ready", func() bool {
		if len(ended) > 0 {
			x.t.Fatalf("it ended:\n%s", s.stderr.String())
		}
		m := listens.FindStringSubmatch(s.stderr.String())
		if m == nil {
			return false
		}
		s.address = m[1]
		return s.get("/readyz") == "ok\n"
	})
	return s
}

func (s *serving) get(path string) string {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "https://"+s.address+path, http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := s.client.Do(req)
	if err != nil {
		return ""
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// answers counts those that were given.
func (s *serving) answers() int {
	s.t.Helper()
	sum := 0
	for _, m := range regexp.MustCompile(`(?m)^ekslint_webhook_answer_seconds_count\S* (\d+)$`).FindAllStringSubmatch(s.get("/metrics"), -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			s.t.Fatal(err)
		}
		sum += n
	}
	return sum
}

// redirect has the API server ask an address in place of the Service, of which there is no
// pod. All else of the webhook configuration stays as it was applied.
func (x *installation) redirect(address string) {
	x.t.Helper()
	configurations := x.client.AdmissionregistrationV1().ValidatingWebhookConfigurations()
	c, err := configurations.Get(x.t.Context(), "ekslint-webhook", metav1.GetOptions{})
	if err != nil {
		x.t.Fatal(err)
	}
	url := "https://" + address + *c.Webhooks[0].ClientConfig.Service.Path
	c.Webhooks[0].ClientConfig.Service, c.Webhooks[0].ClientConfig.URL = nil, &url
	if _, err := configurations.Update(x.t.Context(), c, metav1.UpdateOptions{}); err != nil {
		x.t.Fatal(err)
	}
}

const (
	badIngress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: bad, namespace: shop, annotations: {alb.ingress.kubernetes.io/scheme: extern}}
spec: {ingressClassName: alb, defaultBackend: {service: {name: web, port: {number: 80}}}}`
	somePod = `apiVersion: v1
kind: Pod
metadata: {name: some, namespace: shop}
spec: {automountServiceAccountToken: false, containers: [{name: a, image: a}]}`
	spaces = `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: quiet, labels: {ekslint.io/mode: "off"}}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb}`
)

// checkAsked changes the cluster, and looks what the webhook is asked about.
func (x *installation) checkAsked(s *serving) {
	x.t.Helper()
	admin, ctx := rest.ImpersonationConfig{}, x.t.Context()
	node := rest.ImpersonationConfig{UserName: "system:node:a", Groups: []string{"system:nodes", "system:masters", "system:authenticated"}}
	for _, u := range objects(x.t, spaces) {
		x.apply(u)
	}
	owned := func(by string) string {
		return strings.Replace(somePod, "namespace: shop", "namespace: shop, ownerReferences: [{apiVersion: v1, kind: "+by+", name: a, uid: u, controller: true}]", 1)
	}
	in := func(namespace string) string { return strings.Replace(badIngress, "shop", namespace, 1) }
	created := func(as rest.ImpersonationConfig, text string, dryRun ...string) error {
		u := objects(x.t, text)[0]
		_, err := x.at(u, as).Create(ctx, u, metav1.CreateOptions{DryRun: dryRun})
		return err
	}
	x.until("it is asked", func() bool { _ = created(admin, somePod, metav1.DryRunAll); return s.answers() > 0 })
	x.until("it has seen the class", func() bool { return created(admin, badIngress, metav1.DryRunAll) != nil })

	for name, c := range map[string]struct {
		as                 rest.ImpersonationConfig
		text               string
		isAsked, isRefused bool
	}{
		"a bad Ingress":                      {text: badIngress, isAsked: true, isRefused: true},
		"in kube-system":                     {text: in("kube-system")},
		"in its own namespace":               {text: in(own)},
		"in a namespace that is off":         {text: in("quiet")},
		"by a node":                          {as: node, text: badIngress},
		"a pod":                              {text: somePod, isAsked: true},
		"a pod of a ReplicaSet":              {text: owned("ReplicaSet")},
		"a pod of what is not looked at":     {text: owned("Database"), isAsked: true},
		"what is owned, and not controlled":  {text: strings.Replace(owned("ReplicaSet"), "controller: true", "controller: false", 1), isAsked: true},
		"a kind of others":                   {text: "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a, namespace: shop}", isAsked: true},
		"a kind of no namespace":             {text: "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: b}\nspec: {controller: c.io/d}", isAsked: true},
		"a kind that no rule looks at":       {text: "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: shop}"},
		"a namespace that is off by a label": {text: "apiVersion: v1\nkind: Namespace\nmetadata: {name: c, labels: {ekslint.io/mode: \"off\"}}"},
	} {
		before := s.answers()
		err := created(c.as, c.text, metav1.DryRunAll)
		if isRefused := err != nil && strings.Contains(err.Error(), "[ING-005]"); isRefused != c.isRefused || !isRefused && err != nil {
			x.t.Errorf("%s: %v", name, err)
		}
		if isAsked := s.answers() > before; isAsked != c.isAsked {
			x.t.Errorf("%s: asked %v, want %v", name, isAsked, c.isAsked)
		}
	}
	x.checkLife(s, owned("ReplicaSet"), false)
	x.checkLife(s, somePod, true)
}

// checkLife creates a pod, changes it and its status, and deletes it.
func (x *installation) checkLife(s *serving, text string, isAsked bool) {
	x.t.Helper()
	u := objects(x.t, text)[0]
	pods, now := x.at(u, rest.ImpersonationConfig{}), int64(0)
	patch := func(text string, subresource ...string) error {
		_, err := pods.Patch(x.t.Context(), "some", types.MergePatchType, []byte(text), metav1.PatchOptions{}, subresource...)
		return err
	}
	for _, step := range []struct {
		name    string
		do      func() error
		isAsked bool
	}{
		{"create", func() error { _, err := pods.Create(x.t.Context(), u, metav1.CreateOptions{}); return err }, isAsked},
		{"update", func() error { return patch(`{"metadata": {"labels": {"a": "b"}}}`) }, isAsked},
		{"status", func() error { return patch(`{"status": {"phase": "Running"}}`, "status") }, false},
		{"delete", func() error {
			return pods.Delete(x.t.Context(), "some", metav1.DeleteOptions{GracePeriodSeconds: &now})
		}, isAsked},
	} {
		before := s.answers()
		if err := step.do(); err != nil {
			x.t.Errorf("%s: %v", step.name, err)
		}
		if got := s.answers() > before; got != step.isAsked {
			x.t.Errorf("%s: asked %v, want %v: %s", step.name, got, step.isAsked, text)
		}
	}
}
