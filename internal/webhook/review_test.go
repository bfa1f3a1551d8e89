package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// parse reads objects of YAML as the API server would hand them over.
func parse(t testing.TB, objects *webhook.Objects, text string) []*model.Resource {
	t.Helper()
	var out []*model.Resource
	for doc := range strings.SplitSeq(text, "\n---\n") {
		raw, err := yaml.YAMLToJSON([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		r, err := objects.Read(raw)
		if err != nil || r == nil {
			t.Fatalf("%s: %v", doc, err)
		}
		out = append(out, r)
	}
	return out
}

func replace(t testing.TB, c *webhook.Cluster, resources []*model.Resource) {
	t.Helper()
	if err := c.Replace(context.Background(), "live", resources); err != nil {
		t.Fatal(err)
	}
}

func newReviewer(t testing.TB, text string) *webhook.Reviewer {
	t.Helper()
	checkers, err := ruleset.Set{}.Checkers(ruleset.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	objects := webhook.NewObjects(ruleset.Kinds(checkers))
	cluster := webhook.NewCluster(webhook.Options{
		Analysis: analyzer.Options{Checkers: checkers}, MaxAge: time.Hour, Clock: func() time.Time { return time.Unix(1e9, 0) },
	})
	replace(t, cluster, parse(t, objects, text))
	return &webhook.Reviewer{
		Cluster: cluster, Objects: objects, Policy: webhook.Policy{Mode: webhook.Enforce},
		Link: func(id string) string { return "https://docs/" + id },
	}
}

// request is one for an object of YAML. What is before it is the old object.
func request(t testing.TB, op admissionv1.Operation, text string) *admissionv1.AdmissionRequest {
	t.Helper()
	raw, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var about struct {
		metav1.TypeMeta
		Metadata struct{ Name, Namespace string }
	}
	if err := json.Unmarshal(raw, &about); err != nil {
		t.Fatal(err)
	}
	group, version, grouped := strings.Cut(about.APIVersion, "/")
	if !grouped {
		group, version = "", about.APIVersion
	}
	req := &admissionv1.AdmissionRequest{
		UID: "u", Operation: op, Namespace: about.Metadata.Namespace, Name: about.Metadata.Name,
		Kind: metav1.GroupVersionKind{Group: group, Version: version, Kind: about.Kind},
	}
	if op == admissionv1.Delete {
		req.OldObject = runtime.RawExtension{Raw: raw}
	} else {
		req.Object = runtime.RawExtension{Raw: raw}
	}
	return req
}

const shop = `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080, protocol: TCP}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: old, namespace: shop, annotations: {alb.ingress.kubernetes.io/scheme: intern}}
spec:
  ingressClassName: alb
  defaultBackend: {service: {name: web, port: {number: 80}}}`

const (
	badIngress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: new, namespace: shop, annotations: {alb.ingress.kubernetes.io/scheme: extern, alb.ingress.kubernetes.io/target-type: ip}}
spec:
  ingressClassName: alb
  defaultBackend: {service: {name: web, port: {number: 80}}}`
	lonelyService = `apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{port: 80, targetPort: 8080, protocol: TCP}]}`
	cutOff = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {a: b}}}], ports: [{port: 443, protocol: TCP}]}]}`
)

const (
	securedPods = `
---
apiVersion: vpcresources.k8s.aws/v1beta1
kind: SecurityGroupPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, securityGroups: {groupIds: [sg-0123456789abcdef0]}}`
	shortLived = `apiVersion: v1
kind: Pod
metadata:
  name: web-1-abcde
  namespace: shop
  labels: {app: web}
  ownerReferences: [{apiVersion: %s/v1, kind: %s, name: web-1, uid: u, controller: true}]
spec: {terminationGracePeriodSeconds: 0, containers: [{name: web, image: web}]}`
	noTime = `[SGP-006] Pods of Pod shop/web-1-abcde have security groups of SecurityGroupPolicy "web" and no time to end (Pod shop/web-1-abcde at spec.terminationGracePeriodSeconds) https://docs/SGP-006`
)

// said is what an answer says, in short.
func said(a *admissionv1.AdmissionResponse) string {
	var out []string
	if !a.Allowed {
		out = append(out, fmt.Sprintf("denied %d: %s", a.Result.Code, a.Result.Message))
	}
	for _, w := range a.Warnings {
		out = append(out, "warning: "+w)
	}
	for _, key := range []string{"exempt", "break-glass", "findings", "unread"} {
		if note, ok := a.AuditAnnotations[key]; ok {
			out = append(out, key+": "+note)
		}
	}
	return strings.Join(out, "\n")
}

const (
	refusedIngress = `[ING-005] scheme of Ingress "new": "extern" is not internal or internet-facing (Ingress shop/new at metadata.annotations[alb.ingress.kubernetes.io/scheme]) https://docs/ING-005`
	lonely         = `[REACH-004] Service "api" selects no pod: no workload of its namespace has the labels of its selector (Service shop/api at spec.selector) https://docs/REACH-004`
	unresolved     = `[NP-001] NetworkPolicy "deny" isolates Deployment "web" for egress, and no policy admits UDP 53 to the DNS of the cluster (NetworkPolicy shop/deny at spec.egress) https://docs/NP-001`
)

func labelled(mode string) string {
	return strings.Replace(shop, "{name: shop}", "{name: shop, labels: {ekslint.io/mode: \""+mode+"\"}}", 1)
}

func annotated(object, annotation string) string {
	return strings.Replace(object, "annotations: {", "annotations: {"+annotation+", ", 1)
}

func TestReview(t *testing.T) {
	t.Parallel()
	type test struct {
		policy  webhook.Policy
		op      admissionv1.Operation
		object  string
		user    authenticationv1.UserInfo
		sub     string
		cluster string
		want    string
	}
	enforce := func(rules ...string) webhook.Policy {
		p := webhook.Policy{Mode: webhook.Enforce, Rules: map[string]webhook.Mode{}}
		for _, r := range rules {
			p.Rules[r] = webhook.Enforce
		}
		return p
	}
	exempt := enforce()
	exempt.Exempt = webhook.Exempt{Namespaces: []string{"shop"}, Users: []string{"root"}, Groups: []string{"ops"}}
	others := enforce()
	others.Exempt = webhook.Exempt{Namespaces: []string{"kube-system"}, Users: []string{"root"}, Groups: []string{"ops"}}
	off := enforce()
	off.Rules["ING-005"] = webhook.Off
	refused := "denied 403: ekslint: " + refusedIngress + "\nfindings: ING-005 Ingress shop/new enforce"
	warned := "warning: " + refusedIngress + "\nfindings: ING-005 Ingress shop/new warn"
	for name, c := range map[string]test{
		"a certain error is refused":                 {policy: enforce(), object: badIngress, want: refused},
		"in a namespace that warns":                  {policy: enforce(), object: badIngress, cluster: labelled("warn"), want: warned},
		"in a namespace that is audited":             {policy: enforce(), object: badIngress, cluster: labelled("audit"), want: "findings: ING-005 Ingress shop/new audit"},
		"in a namespace that is off":                 {policy: enforce(), object: badIngress, cluster: labelled("off")},
		"in a namespace that enforces":               {policy: webhook.Policy{Mode: webhook.Warn}, object: badIngress, cluster: labelled("enforce"), want: refused},
		"a label that says nothing":                  {policy: enforce(), object: badIngress, cluster: labelled("maybe"), want: refused},
		"a mode that warns":                          {policy: webhook.Policy{Mode: webhook.Warn}, object: badIngress, want: warned},
		"a rule that is off":                         {policy: off, object: badIngress},
		"harm that is there already":                 {policy: enforce(), op: admissionv1.Update, object: annotated(strings.ReplaceAll(strings.ReplaceAll(badIngress, "name: new", "name: old"), "extern", "intern"), "a: b")},
		"an update that brings harm":                 {policy: enforce(), op: admissionv1.Update, object: annotated(strings.ReplaceAll(strings.ReplaceAll(badIngress, "name: new", "name: old"), "extern", "intern"), `alb.ingress.kubernetes.io/ip-address-type: ipv5`), want: "denied 403: ekslint: " + `[ING-005] ip-address-type of Ingress "old": "ipv5" is not ipv4, dualstack or dualstack-without-public-ipv4 (Ingress shop/old at metadata.annotations[alb.ingress.kubernetes.io/ip-address-type]) https://docs/ING-005` + "\nfindings: ING-005 Ingress shop/old enforce"},
		"what may be mended by what is created next": {policy: enforce(), object: lonelyService, want: "warning: " + lonely + "\nfindings: REACH-004 Service shop/api warn"},
		"a policy that cuts off names":               {policy: webhook.Policy{Mode: webhook.Enforce, Rules: map[string]webhook.Mode{"NP-008": webhook.Off}}, object: cutOff, want: "warning: " + unresolved + "\nfindings: NP-001 NetworkPolicy shop/deny warn"},
		"a rule that is enforced by name":            {policy: webhook.Policy{Mode: webhook.Enforce, Rules: map[string]webhook.Mode{"NP-008": webhook.Off, "NP-001": webhook.Enforce}}, object: cutOff, want: "denied 403: ekslint: " + unresolved + "\nfindings: NP-001 NetworkPolicy shop/deny enforce"},
		"an exempt namespace":                        {policy: exempt, object: badIngress, want: "exempt: namespace shop"},
		"an exempt user":                             {policy: others, object: badIngress, user: authenticationv1.UserInfo{Username: "root"}, want: "exempt: user root"},
		"an exempt group":                            {policy: others, object: badIngress, user: authenticationv1.UserInfo{Groups: []string{"dev", "ops"}}, want: "exempt: group ops"},
		"nobody who is exempt":                       {policy: others, object: badIngress, user: authenticationv1.UserInfo{Username: "me", Groups: []string{"dev"}}, want: refused},
		"a pod that a ReplicaSet makes":              {policy: enforce(), cluster: shop + securedPods, object: fmt.Sprintf(shortLived, "apps", "ReplicaSet"), want: "exempt: made by ReplicaSet web-1"},
		"a pod that nothing we know makes":           {policy: enforce(), cluster: shop + securedPods, object: fmt.Sprintf(shortLived, "example.com", "Runner"), want: "denied 403: ekslint: " + noTime + "\nfindings: SGP-006 Pod shop/web-1-abcde enforce"},
		"broken glass":                               {policy: enforce(), object: annotated(badIngress, `ekslint.io/break-glass: "the site is down"`), want: "warning: " + refusedIngress + "\nbreak-glass: the site is down\nfindings: ING-005 Ingress shop/new warn"},
		"broken glass without a reason":              {policy: enforce(), object: annotated(badIngress, `ekslint.io/break-glass: " "`), want: refused},
		"a subresource":                              {policy: enforce(), object: badIngress, sub: "status"},
		"what is on its way out":                     {policy: enforce(), op: admissionv1.Update, object: strings.Replace(badIngress, "namespace: shop,", "namespace: shop, deletionTimestamp: 2026-01-01T00:00:00Z,", 1)},
		"a name that is made later":                  {policy: enforce(), object: strings.Replace(badIngress, "name: new", "generateName: new-", 1), want: strings.ReplaceAll(strings.ReplaceAll(refused, `"new"`, `"new-"`), "shop/new", "shop/new-")},
		"a kind that no rule looks at":               {policy: enforce(), object: "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: shop}"},
		"an object that cannot be read":              {policy: enforce(), object: "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: shop, labels: [a]}", want: "warning: ekslint does not read this Service: metadata.labels: want a mapping, found a list\nunread: metadata.labels: want a mapping, found a list"},
		"an object that is deleted":                  {policy: enforce(), op: admissionv1.Delete, object: strings.ReplaceAll(lonelyService, "api", "web"), want: "warning: [ING-002] Ingress \"old\" forwards to Service \"web\", which does not exist (Ingress shop/old at spec.defaultBackend.service.name) https://docs/ING-002\nfindings: ING-002 Ingress shop/old warn"},
		"a namespace that enforces from now on":      {policy: enforce(), op: admissionv1.Update, object: "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {ekslint.io/mode: enforce}}"},
		"a label that says nothing from now on":      {policy: enforce(), op: admissionv1.Update, object: "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {ekslint.io/mode: maybe}}", want: "warning: ekslint: label ekslint.io/mode, which says nothing: unknown mode \"maybe\": want off, audit, warn, enforce"},
		"a namespace that is deleted":                {policy: enforce(), op: admissionv1.Delete, object: "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}"},
		"an object of a namespace that is deleted":   {policy: enforce(), object: badIngress, cluster: strings.Replace(shop, "metadata: {name: shop", "metadata: {deletionTimestamp: 2026-01-01T00:00:00Z, name: shop", 1), want: "exempt: namespace shop is deleted"},
		"what another object needs":                  {policy: enforce(), op: admissionv1.Update, object: strings.NewReplacer(": api", ": web", "port: 80,", "port: 90,").Replace(lonelyService), want: `denied 403: ekslint: [ING-003] Ingress "old" asks for port 80 of Service "web", which has port 90 (Ingress shop/old at spec.defaultBackend.service.port.number) https://docs/ING-003; what Ingress shop/old needs has to stay until that is changed, too` + "\nfindings: ING-003 Ingress shop/old enforce"},
		"an object of a namespace that is not there": {policy: webhook.Policy{Mode: webhook.Enforce, Rules: map[string]webhook.Mode{"ING-002": webhook.Off}}, object: strings.ReplaceAll(badIngress, "shop", "other"), want: strings.ReplaceAll(refused, "shop", "other")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cluster := c.cluster
			if cluster == "" {
				cluster = shop
			}
			r := newReviewer(t, cluster)
			r.Policy = c.policy
			op := c.op
			if op == "" {
				op = admissionv1.Create
			}
			req := request(t, op, c.object)
			req.UserInfo, req.SubResource = c.user, c.sub
			got, err := r.Review(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, said(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestShort: of a long warning whole words are left out, and the link stays.
func TestShort(t *testing.T) {
	t.Parallel()
	r := newReviewer(t, shop)
	cut := 0
	for n := range 150 {
		req := request(t, admissionv1.Create, strings.Replace(badIngress, "name: new", "name: "+strings.Repeat("x", n+1), 1))
		r.Policy = webhook.Policy{Mode: webhook.Enforce}
		refused, err := r.Review(t.Context(), req)
		if err != nil || refused.Allowed {
			t.Fatalf("%v, %v", refused, err)
		}
		r.Policy.Mode = webhook.Warn
		warned, err := r.Review(t.Context(), req)
		if err != nil || len(warned.Warnings) != 1 {
			t.Fatalf("%v, %v", warned, err)
		}
		all, short := strings.TrimPrefix(refused.Result.Message, "ekslint: "), warned.Warnings[0]
		if all == short {
			continue
		}
		cut++
		first, last, _ := strings.Cut(short, " … ")
		if len(short) > 256 || len(all) <= 256 || !strings.HasPrefix(all, first+" ") || !strings.HasSuffix(all, " "+last) || !strings.HasSuffix(last, " https://docs/ING-005") {
			t.Errorf("%d bytes: %s\nof %s", len(short), short, all)
		}
	}
	if cut < 50 {
		t.Errorf("only %d were cut", cut)
	}
}

// TestDeleteCollection: of one object after the other it is asked, without a name.
func TestDeleteCollection(t *testing.T) {
	t.Parallel()
	r := newReviewer(t, shop)
	r.Policy = webhook.Policy{Mode: webhook.Warn}
	req := request(t, admissionv1.Delete, strings.ReplaceAll(lonelyService, ": api", ": web"))
	req.Name = ""
	got, err := r.Review(t.Context(), req)
	if err != nil || len(got.Warnings) != 1 || !strings.HasPrefix(got.Warnings[0], "[ING-002]") {
		t.Errorf("%v, %v", got, err)
	}
}

// TestOwnUnderway: what was let through of an object counts for the next change of it, unless
// that starts where it did.
func TestOwnUnderway(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		version string
		want    bool
	}{"the next one": {"2", false}, "the same once more": {"1", true}} {
		r := newReviewer(t, shop)
		r.Policy = webhook.Policy{Mode: webhook.Warn}
		change := func(version string) *admissionv1.AdmissionResponse {
			req := request(t, admissionv1.Update, strings.Replace(badIngress, "name: new", "name: new, resourceVersion: \""+version+"\"", 1))
			got, err := r.Review(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if got := change("1"); !got.Allowed || len(got.Warnings) != 1 {
			t.Fatalf("%s: %v", name, got)
		}
		if got := change(tc.version); len(got.Warnings) > 0 != tc.want {
			t.Errorf("%s: %v", name, got.Warnings)
		}
	}
}

// TestUnderwayEnds: a change that was let through counts until what came of it is seen, and
// no longer than a second.
func TestUnderwayEnds(t *testing.T) {
	t.Parallel()
	checkers, err := ruleset.Set{}.Checkers(ruleset.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	objects := webhook.NewObjects(nil)
	service := func(version string, port int) *model.Resource {
		return parse(t, objects, fmt.Sprintf("apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop, resourceVersion: %q}\nspec: {selector: {app: web}, ports: [{port: %d}]}", version, port))[0]
	}
	ingress := parse(t, objects, strings.Replace(badIngress, "extern", "internal", 1))[0] // for port 80
	apply := func(r *model.Resource) func(c *webhook.Cluster) {
		return func(c *webhook.Cluster) { c.Apply([]webhook.Change{{Ref: r.Ref, Object: r}}) }
	}
	admit := func(c *webhook.Cluster, version string, port int) {
		r := service(version, port)
		c.Admitted(webhook.Change{Ref: r.Ref, Object: r, From: version})
	}
	for name, tc := range map[string]struct {
		then func(c *webhook.Cluster)
		wait time.Duration
		bad  bool
	}{
		"at once":                {then: func(*webhook.Cluster) {}},
		"what was before":        {then: apply(service("5", 8080))},
		"what came of it":        {then: apply(service("6", 9090)), bad: true},
		"it is gone":             {then: func(c *webhook.Cluster) { c.Apply([]webhook.Change{{Ref: service("", 1).Ref}}) }, bad: true},
		"another object":         {then: apply(parse(t, objects, lonelyService)[0])},
		"it came to nothing":     {then: func(*webhook.Cluster) {}, wait: 1100 * time.Millisecond, bad: true},
		"the object once more":   {then: func(c *webhook.Cluster) { admit(c, "7", 80) }},
		"what was before that":   {then: apply(service("4", 9090))},
		"created, then its end":  {then: func(c *webhook.Cluster) { admit(c, "", 80); c.Apply([]webhook.Change{{Ref: service("", 1).Ref}}) }},
		"another version of it":  {then: func(c *webhook.Cluster) { admit(c, "7", 9090) }, bad: true},
		"it is still on its way": {then: func(*webhook.Cluster) {}, wait: 900 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Now()
			c := webhook.NewCluster(webhook.Options{Analysis: analyzer.Options{Checkers: checkers}, Clock: func() time.Time { return now }})
			var all []*model.Resource
			for _, r := range parse(t, objects, shop) {
				if r.Ref != service("", 1).Ref {
					all = append(all, r)
				}
			}
			replace(t, c, append(all, service("5", 8080)))
			admit(c, "5", 80)
			now = now.Add(tc.wait)
			tc.then(c)
			outcome, err := c.Consider(t.Context(), webhook.Change{Ref: ingress.Ref, Object: ingress})
			if err != nil {
				t.Fatal(err)
			}
			if bad := slices.ContainsFunc(outcome.Harm, func(h webhook.Harm) bool { return h.Severity == rule.Error }); bad != tc.bad {
				t.Errorf("harm: %v", outcome.Harm)
			}
		})
	}
}

// TestUnread: what kubectl notes of a file is no part of the object, nor are its placeholders.
func TestUnread(t *testing.T) {
	t.Parallel()
	text := strings.Replace(badIngress, "annotations: {", "managedFields: [{manager: kubectl, operation: Update}], annotations: {kubectl.kubernetes.io/last-applied-configuration: '{\"a\": \"${A}\"}', ", 1)
	r := parse(t, webhook.NewObjects(nil), text)[0]
	if got := r.Object.GetAnnotations(); len(got) != 2 || len(r.Object.GetManagedFields()) > 0 || r.IsUnknown("metadata", "annotations") {
		t.Errorf("annotations %v, managed fields %v, unknown %v", got, r.Object.GetManagedFields(), r.Unknown)
	}
	if r := parse(t, webhook.NewObjects(nil), strings.Replace(badIngress, "extern", "'${A}'", 1))[0]; !r.IsUnknown("metadata", "annotations") {
		t.Error("a placeholder elsewhere is taken for a value")
	}
}
