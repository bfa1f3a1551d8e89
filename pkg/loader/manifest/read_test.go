package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// readAll reads a file as the loader does.
func readAll(name, text string, kinds ...model.GroupKind) model.Fragment {
	docs, problems := Documents(&File{Name: name, Text: []byte(text)})
	all := model.Fragment{Problems: problems}
	for _, d := range docs {
		p := NewReader(kinds).Read(d)
		all.Resources = append(all.Resources, p.Resources...)
		all.Problems = append(all.Problems, p.Problems...)
		all.Notes = append(all.Notes, p.Notes...)
		all.Opaque = append(all.Opaque, p.Opaque...)
	}
	return all
}

// lines writes a part as text, with the source text that spans cover.
func lines(p model.Fragment, text string) []string {
	var out []string
	for _, r := range p.Resources {
		out = append(out, "resource "+r.Version+" "+r.Ref.String())
		for _, u := range r.Unknown {
			out = append(out, "  unknown "+u.String())
		}
		for _, d := range r.Defects {
			kind := map[model.DefectKind]string{model.UnknownField: "unknown field", model.DuplicateField: "duplicate", model.BooleanText: "boolean text"}[d.Kind]
			out = append(out, strings.TrimRight("  "+kind+" "+d.Path.String()+" "+d.Detail, " "))
		}
	}
	for _, x := range p.Problems {
		out = append(out, "problem "+x.Message+" @ "+text[x.At.Start:x.At.End])
	}
	for _, x := range p.Notes {
		out = append(out, "note "+x.Message)
	}
	for _, x := range p.Opaque {
		ns := x.Namespace
		if x.AnyNamespace {
			ns = "*"
		}
		out = append(out, "opaque "+x.Domains.String()+" in "+ns+": "+x.Why)
	}
	return out
}

const service = `apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  ports:
  - port: 80
`

func TestRead(t *testing.T) {
	t.Parallel()
	const all = "workloads,services,policies,namespaces,ingressclasses"
	tests := []struct {
		name, file, text string
		want             []string
	}{
		{name: "empty", text: ""},
		{name: "comments only", text: "# a\n---\n# b\n---\n"},
		{
			name: "byte order mark and CRLF", text: "\ufeff" + strings.ReplaceAll(service, "\n", "\r\n"),
			want: []string{"resource v1 Service shop/web"},
		},
		{name: "directive", text: "%YAML 1.1\n---\n" + service + "...\n", want: []string{"resource v1 Service shop/web"}},
		{
			name: "several documents", text: service + "--- # next\n" + strings.ReplaceAll(service, "web", "db") + "---\n",
			want: []string{"resource v1 Service shop/web", "resource v1 Service shop/db"},
		},
		{
			name: "quoted keys", text: "\"apiVersion\": 'v1'\n'kind': \"Namespace\"\nmetadata: {name: shop}\n",
			want: []string{"resource v1 Namespace shop"},
		},
		{
			name: "flow style", text: "{apiVersion: v1, kind: Namespace, metadata: {name: shop, namespace: none}}",
			want: []string{"resource v1 Namespace shop"},
		},
		{
			name: "indented root", text: "  apiVersion: v1\n  kind: Namespace\n  metadata:\n    name: shop\n",
			want: []string{"resource v1 Namespace shop"},
		},
		{
			name: "JSON in a YAML file", text: `{"apiVersion": "v1", "kind": "Namespace",` + "\n\t" + `"metadata": {"name": "shop"}}`,
			want: []string{"resource v1 Namespace shop"},
		},
		{name: "no object", text: "a: 1\nb: [x]\n"},
		{name: "kind without version", text: "kind: Service\nmetadata: {name: a}\n"},
		{
			name: "anchors and merge keys", text: "apiVersion: v1\nkind: Service\nmetadata: &m\n  name: web\n  labels: &l {a: b}\n" +
				"spec:\n  selector:\n    <<: *l\n    a: c\n",
			want: []string{"resource v1 Service web"},
		},
		{
			name: "list", text: "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: a}\n" +
				"- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Pod, metadata: {name: b}}\n- {}\n- x\n",
			want: []string{"resource v1 Service a", "resource v1 Pod b"},
		},
		{
			name: "typed list", text: "apiVersion: v1\nkind: ServiceList\nitems:\n- metadata: {name: a}\n",
			want: []string{"resource v1 Service a"},
		},
		{
			name: "list without a list", text: "apiVersion: v1\nkind: List\nitems: {a: 1}\n",
			want: []string{"problem items: want a list @ {a: 1}"},
		},
		{
			name: "JSON array", file: "a.json",
			text: `[{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"}},{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"}}]`,
			want: []string{"resource v1 Service a", "resource v1 Pod b"},
		},
		{
			name: "JSON values in a row", file: "a.json",
			text: `{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"}}` + "\n" + `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"}}`,
			want: []string{"resource v1 Service a", "resource v1 Pod b"},
		},
		{name: "other JSON", file: "a.json", text: `{"name": 1,,}`},
		{
			name: "broken JSON", file: "a.json", text: `{"apiVersion":"v1","kind":"Service",}`,
			want: []string{
				"problem not valid JSON: invalid character '}' looking for beginning of object key string @ }",
				"opaque " + all + " in *: a.json:1 cannot be read",
			},
		},
		{
			name: "duplicate in JSON", file: "a.json", text: `{"apiVersion":"v1","kind":"Service","metadata":{"name":"a","name":"b"}}`,
			want: []string{"resource v1 Service b", "  duplicate metadata.name"},
		},
		{
			name: "duplicate", text: service + "  ports: []\n",
			want: []string{"resource v1 Service shop/web", "  duplicate spec.ports"},
		},
		{
			name: "unknown fields", text: service + "    targetport: 8080\n  selecter: {a: b}\n  ty: 1\n  zzzzzz: 1\n",
			want: []string{
				"resource v1 Service shop/web", "  unknown field spec.ports[0].targetport targetPort",
				"  unknown field spec.selecter selector", "  unknown field spec.ty", "  unknown field spec.zzzzzz",
			},
		},
		{
			name: "unknown fields of a partial type", text: "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\nspec: {strategy: {}}\n",
			want: []string{"resource v1alpha1 Rollout a"},
		},
		{
			name: "wrong type", text: strings.Replace(service, "80", `"eighty" # why`, 1),
			want: []string{
				"resource v1 Service shop/web", "  unknown spec.ports[0].port",
				`problem spec.ports[0].port: want a number, found "eighty" @ "eighty"`,
			},
		},
		{
			name: "several wrong types", text: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: 12, labels: {v: 1}}\n" +
				"spec: {replicas: 99999999999, paused: maybe, template: {spec: {containers: {a: b}}}}\n",
			want: []string{
				"resource v1 Deployment 12", "  unknown metadata.labels.v", "  unknown metadata.name", "  unknown spec.paused",
				"  unknown spec.replicas", "  unknown spec.template.spec.containers",
				"problem metadata.labels.v: want a string, found 1 @ 1",
				"problem metadata.name: want a string, found 12 @ 12",
				`problem spec.paused: want true or false, found "maybe" @ maybe`,
				"problem spec.replicas: want a number of 32 bits, found 99999999999 @ 99999999999",
				"problem spec.template.spec.containers: want a list, found a mapping @ {a: b}",
			},
		},
		{
			name: "custom decoders", text: "apiVersion: v1\nkind: Pod\nmetadata: {name: a, creationTimestamp: soon}\nspec:\n  containers:\n" +
				"  - name: a\n    resources: {limits: {cpu: lots, memory: 1}}\n    livenessProbe: {httpGet: {port: [1]}}\n",
			want: []string{
				"resource v1 Pod a", "  unknown metadata.creationTimestamp", "  unknown spec.containers[0].livenessProbe.httpGet.port",
				"  unknown spec.containers[0].resources.limits.cpu",
				`problem metadata.creationTimestamp: want a time such as 2006-01-02T15:04:05Z, found "soon" @ soon`,
				"problem spec.containers[0].livenessProbe.httpGet.port: want a number or a name, found a list @ [1]",
				`problem spec.containers[0].resources.limits.cpu: want a quantity such as 500m or 1Gi, found "lots" @ lots`,
			},
		},
		{
			name: "YAML 1.1 booleans", text: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: on}\n",
			want: []string{"resource v1 ConfigMap a", "  unknown data.a", "problem data.a: want a string, found true @ on"},
		},
		{
			name: "a bare letter where text belongs", text: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y, namespace: N}\ndata: {a: n, b: 'n'}\n",
			want: []string{"resource v1 ConfigMap N/y", "  boolean text data.a n", "  boolean text metadata.name y", "  boolean text metadata.namespace N"},
		},
		{
			name: "placeholders", text: strings.Replace(strings.Replace(service, "80", "${PORT}", 1), "web", "<name>", 1) + "  selector: {'${K}': v}\n",
			want: []string{
				"resource v1 Service shop/<name>", "  unknown metadata.name", "  unknown spec.ports[0].port", "  unknown spec.selector",
			},
		},
		{
			name: "no name", text: "apiVersion: v1\nkind: Service\nmetadata:\n  labels: {}\n",
			want: []string{"problem Service has no metadata.name @ metadata", "opaque services in *: x.yaml:1 cannot be read"},
		},
		{
			name: "no metadata", text: "apiVersion: v1\nkind: ConfigMap\n",
			want: []string{"problem ConfigMap has no metadata.name @ ConfigMap"},
		},
		{
			name: "generated name", text: "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: run-}\n",
			want: []string{"resource v1 Job run-"},
		},
		{
			name: "old version", text: "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a}\n---\n" +
				"apiVersion: apps/v1beta2\nkind: Deployment\nmetadata:\n  name: a\n  namespace: b\n---\napiVersion: batch/v3\nkind: Job\n",
			want: []string{
				"note extensions/v1beta1 Ingress is not read: Kubernetes 1.22 removed this API version",
				"note apps/v1beta2 Deployment is not read: Kubernetes 1.16 removed this API version",
				"note batch/v3 Job is not read: this API version is not known",
				"opaque workloads in b: Deployment b/a of apps/v1beta2 is not read",
				"opaque workloads in *: a Job of batch/v3 is not read",
			},
		},
		{name: "unwanted kind is not parsed", text: "apiVersion: v1\nkind: Secret\n\t{{ broken\n"},
		{
			name: "encrypted", text: "apiVersion: v1\nkind: Service\nspec: ENC[AES256_GCM,data:x]\nsops:\n  mac: x\n",
			want: []string{"note encrypted with SOPS", "opaque services in *: the encrypted file x.yaml"},
		},
		{
			name: "template", text: "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}-web\n",
			want: []string{"note Go template text, not rendered", "opaque " + all + " in *: the template x.yaml is not rendered"},
		},
		{
			name: "template that is YAML", text: "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec: {{ .Values.spec }}\n",
			want: []string{"note Go template text, not rendered", "opaque " + all + " in *: the template x.yaml is not rendered"},
		},
		{
			name: "Terraform template", text: "apiVersion: v1\nkind: Service\n%{ if x }\nspec: {}\n%{ endif }\n",
			want: []string{"note Terraform template text, not rendered", "opaque " + all + " in *: the template x.yaml is not rendered"},
		},
		{
			name: "syntax error", text: service + "---\n" + strings.Replace(service, "  name", "\tname", 1),
			want: []string{
				"resource v1 Service shop/web",
				"problem not valid YAML: found character that cannot start any token @ name: web",
				"opaque services in *: x.yaml:13 cannot be read",
			},
		},
		{
			name: "syntax error in some file", text: "a: [\n",
			want: []string{
				"problem not valid YAML: did not find expected node content @ ",
				"opaque " + all + " in *: x.yaml:2 cannot be read",
			},
		},
		{name: "UTF-16", text: "\xff\xfea\x00", want: []string{"problem the text is UTF-16, not UTF-8 @ \xff\xfea\x00"}},
		{
			name: "custom resources", text: custom4,
			want: []string{
				"opaque workloads,services in monitoring: Prometheus monitoring/k8s may make pods",
				"opaque policies in *: GlobalNetworkPolicy a is not read",
				"opaque " + all + " in *: Application argocd/shop is not rendered",
				"opaque workloads,services in *: ScaledJob a may make pods",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file := test.file
			if file == "" {
				file = "x.yaml"
			}
			got := lines(readAll(file, test.text), test.text)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

const custom4 = `apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata:
  name: k8s
  namespace: monitoring
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: a}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
---
apiVersion: crd.projectcalico.org/v1
kind: GlobalNetworkPolicy
metadata:
  name: a
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
  namespace: argocd
---
apiVersion: keda.sh/v1alpha1
kind: ScaledJob
metadata:
  name: a
`

func TestReadGeneric(t *testing.T) {
	t.Parallel()
	gk := model.GroupKind{Group: "example.com", Kind: "Widget"}
	text := "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a, namespace: b, labels: []}\nspec: {n: 1, x: '${Y}'}\n"
	got := lines(readAll("x.yaml", text, gk), text)
	want := []string{
		"resource v1 Widget b/a", "  unknown metadata.labels", "  unknown spec.x",
		"problem metadata.labels: want a mapping, found a list @ []",
		"opaque workloads,services in b: Widget b/a may make pods",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestRestStands shows that a value of a wrong type costs nothing but itself.
func TestRestStands(t *testing.T) {
	t.Parallel()
	text := service + "  - port: http\n    targetPort: 9\n"
	p := readAll("x.yaml", text)
	svc, ok := p.Resources[0].Object.(*corev1.Service)
	if !ok || len(svc.Spec.Ports) != 2 {
		t.Fatalf("got %#v", p.Resources[0].Object)
	}
	if svc.Spec.Ports[0].Port != 80 || svc.Spec.Ports[1].Port != 0 || svc.Spec.Ports[1].TargetPort.IntValue() != 9 {
		t.Errorf("ports %v", svc.Spec.Ports)
	}
}

// TestIn: objects without a namespace get that of the reader, unless their kind
// has none.
func TestIn(t *testing.T) {
	t.Parallel()
	texts := strings.Join([]string{
		service, "apiVersion: v1\nkind: Service\nmetadata: {name: db}\n", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
	}, "---\n")
	documents, _ := Documents(&File{Name: "a.yaml", Text: []byte(texts)})
	for namespace, want := range map[string][]string{"": {"shop/web", "db", "shop"}, "data": {"shop/web", "data/db", "shop"}} {
		reader := NewReader(nil).In(namespace)
		var got []string
		for _, d := range documents {
			for _, r := range reader.Read(d).Resources {
				got = append(got, strings.TrimPrefix(strings.TrimPrefix(r.Ref.String(), "Service "), "Namespace "))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("in %q (-want +got):\n%s", namespace, diff)
		}
	}
}
