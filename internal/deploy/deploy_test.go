package deploy_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/diff"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/internal/deploy"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

const (
	chart     = "../../deploy/chart"
	watched   = chart + "/files/watched.yaml"
	manifests = "../../deploy/manifests/ekslint-webhook.yaml"
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// parsed reads values.
func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// installed is everything that a release with some values has, its notes last.
func installed(t *testing.T, values map[string]any) []byte {
	t.Helper()
	r := deploy.Plain()
	r.Values = values
	texts, err := deploy.Render(t.Context(), chart, r)
	if err != nil {
		t.Fatal(err)
	}
	return deploy.Joined(texts)
}

func TestGeneratedFiles(t *testing.T) {
	t.Parallel()
	list, err := deploy.WatchedFile()
	if err != nil {
		t.Fatal(err)
	}
	plain, err := deploy.Manifests(t.Context(), chart)
	if err != nil {
		t.Fatal(err)
	}
	values := chart + "/values.schema.json"
	schema, err := deploy.ValuesSchema(read(t, values))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]byte{watched: list, manifests: plain, values: schema} {
		if got := read(t, name); !bytes.Equal(got, want) {
			t.Errorf("%s is stale: make generate\n%s", name, diff.Diff("got", got, "want", want))
		}
	}
}

// TestDefinitions: the kinds of others are called as their projects call them, by the name
// of the CustomResourceDefinition.
func TestDefinitions(t *testing.T) {
	t.Parallel()
	want := []string{
		"albconfigs.alibabacloud.com",
		"rollouts.argoproj.io",
		"ciliumclusterwidenetworkpolicies.cilium.io", "ciliumnetworkpolicies.cilium.io",
		"eniconfigs.crd.k8s.amazonaws.com",
		"ingressclassparams.eks.amazonaws.com", "nodeclasses.eks.amazonaws.com",
		"podidentityassociations.eks.services.k8s.aws",
		"ingressclassparams.elbv2.k8s.aws", "targetgroupbindings.elbv2.k8s.aws",
		"ec2nodeclasses.karpenter.k8s.aws", "nodepools.karpenter.sh",
		"applicationnetworkpolicies.networking.k8s.aws", "clusternetworkpolicies.networking.k8s.aws",
		"adminnetworkpolicies.policy.networking.k8s.io", "baselineadminnetworkpolicies.policy.networking.k8s.io",
		"clusternetworkpolicies.policy.networking.k8s.io",
		"securitygrouppolicies.vpcresources.k8s.aws",
	}
	kinds, err := deploy.Watched()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, k := range kinds {
		if !scheme.Scheme.IsGroupRegistered(k.Group) && k.Group != apiregistrationv1.GroupName {
			got = append(got, k.Resource+"."+k.Group)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("look up what they are called (-want +got):\n%s", d)
	}
}

// TestValues: what values change, compared with the chart as it is.
func TestValues(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			got := diff.Diff("defaults", installed(t, nil), filepath.Base(name), installed(t, parsed(t, string(read(t, name)))))
			golden := strings.TrimSuffix(name, ".yaml") + ".diff"
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(string(read(t, golden)), string(got)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// TestDescribedValues: values.yaml and its schema name the same values.
func TestDescribedValues(t *testing.T) {
	t.Parallel()
	values, schema := parsed(t, string(read(t, chart+"/values.yaml"))), parsed(t, string(read(t, chart+"/values.schema.json")))
	var compare func(at string, values, schema map[string]any)
	compare = func(at string, values, schema map[string]any) {
		properties, isClosed := schema["properties"].(map[string]any)
		if !isClosed {
			return
		}
		if schema["additionalProperties"] != false {
			t.Errorf("%s takes anything", at)
		}
		for name, inner := range properties {
			value, ok := values[name]
			if !ok && at+name != "global" && !strings.HasSuffix(at, "issuerRef.") {
				t.Errorf("values.yaml has no %s%s", at, name)
			}
			if m, ok := value.(map[string]any); ok && at+name != "config" {
				compare(at+name+".", m, inner.(map[string]any))
			}
		}
	}
	compare("", values, schema)
}

// TestDocumentedValues: the guide has every value.
func TestDocumentedValues(t *testing.T) {
	t.Parallel()
	guide := string(read(t, "../../docs/webhook.md"))
	var check func(at string, values map[string]any)
	check = func(at string, values map[string]any) {
		for name, value := range values {
			if inner, ok := value.(map[string]any); ok && len(inner) > 0 && at+name != "resources" {
				check(at+name+".", inner)
			} else if !strings.Contains(guide, "`"+at+name+"`") {
				t.Errorf("docs/webhook.md does not name %s%s", at, name)
			}
		}
	}
	check("", parsed(t, string(read(t, chart+"/values.yaml"))))
}

func TestRefusedValues(t *testing.T) {
	t.Parallel()
	const pem = "-----BEGIN CERTIFICATE-----"
	for name, c := range map[string]struct {
		values, want string
		isTaken      bool
	}{
		"none":                                   {isTaken: true},
		"as a part of another chart":             {values: "global: {a: b}", isTaken: true},
		"a name that is not there":               {values: "replicaCount: 3", want: "replicaCount"},
		"an inner name that is not there":        {values: "webhook: {timeout: 3}", want: "timeout"},
		"no replicas":                            {values: "replicas: 0", want: "/replicas"},
		"a policy that is none":                  {values: "webhook: {failurePolicy: ignore}", want: "/webhook/failurePolicy"},
		"more time than the API server takes":    {values: "webhook: {timeoutSeconds: 31}", want: "/webhook/timeoutSeconds"},
		"an interval that is none":               {values: "audit: {interval: often}", want: "/audit/interval"},
		"reports without an audit":               {values: "audit: {reports: true}", want: "/audit/reports"},
		"an age that is none":                    {values: "aws: {maxAge: 1 day}", want: "/aws/maxAge"},
		"a Secret without its authority":         {values: "certificates: {existingSecret: own}", want: "/certificates/caBundle"},
		"an authority without a Secret":          {values: "certificates: {caBundle: " + pem + "}", want: "/certificates/caBundle"},
		"a Secret whose authority is taken away": {values: "certificates: {existingSecret: own, caBundle: null}", want: "missing property 'caBundle'"},
		"an authority in base64":                 {values: "certificates: {existingSecret: own, caBundle: LS0tLS1C}", want: "/certificates/caBundle"},
		"two sources of a certificate":           {values: "certificates: {existingSecret: own, caBundle: " + pem + ", certManager: {enabled: true}}", want: "/certificates/certManager/enabled"},
		"an issuer without a name":               {values: "certificates: {certManager: {enabled: true, issuerRef: {kind: Issuer}}}", want: "/certificates/certManager/issuerRef"},
		"a config":                               {values: `config: {preset: strict, rules: {exclude: [ING-010], severity: {ING-005: "off"}}, webhook: {mode: "off", awsMaxAge: 6h}}`, isTaken: true},
		"off, as Helm reads it":                  {values: "config: {webhook: {mode: off}}", want: "/config/webhook/mode"},
		"a severity that is off, as it reads it": {values: "config: {rules: {severity: {ING-005: off}}}", want: "/config/rules/severity/ING-005"},
		"a mode that is none":                    {values: "config: {webhook: {mode: warm}}", want: "/config/webhook/mode"},
		"an age in days":                         {values: "config: {webhook: {awsMaxAge: 1d}}", want: "/config/webhook/awsMaxAge"},
		"a rule that is not there":               {values: "config: {rules: {exclude: [ING-999]}}", want: "/config/rules/exclude/0"},
		"a key that is not there":                {values: "config: {webhook: {modus: warn}}", want: "modus"},
		"a list of namespaces that is text":      {values: "webhook: {exemptNamespaces: kube-system}", want: "/webhook/exemptNamespaces"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := deploy.Plain()
			r.Values = parsed(t, c.values)
			_, err := deploy.Render(t.Context(), chart, r)
			if (err == nil) != c.isTaken || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want something about %q", err, c.want)
			}
		})
	}
}

func TestNamespaceOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, namespace := range []string{"default", "kube-system"} {
		r := deploy.Plain()
		r.Namespace = namespace
		if _, err := deploy.Render(t.Context(), chart, r); err == nil || !strings.Contains(err.Error(), "--create-namespace") {
			t.Errorf("%s: %v", namespace, err)
		}
	}
}

// TestNames: nothing is named by chance, so that releases with other names do not collide.
func TestNames(t *testing.T) {
	t.Parallel()
	values := parsed(t, string(read(t, "testdata/everything.yaml")))
	values["certificates"] = parsed(t, string(read(t, "testdata/cert-manager.yaml")))["certificates"]
	r := deploy.Release{Name: "guard", Namespace: "security", Values: values, Tool: "Helm"}
	texts, err := deploy.Render(t.Context(), chart, r)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range texts {
		for doc := range strings.SplitSeq(text, "\n---\n") {
			if name == "NOTES.txt" {
				continue
			}
			metadata := parsed(t, doc)["metadata"].(map[string]any)
			labels, _ := metadata["labels"].(map[string]any)
			namespace, isNamespaced := metadata["namespace"]
			if !strings.HasPrefix(metadata["name"].(string), "guard") || isNamespaced && namespace != "security" || labels["app.kubernetes.io/instance"] != "guard" || labels["app.kubernetes.io/managed-by"] != "Helm" {
				t.Errorf("%s: %v", name, metadata)
			}
			if rest := strings.ReplaceAll(doc, "app.kubernetes.io/name: ekslint-webhook", ""); strings.Contains(rest, "ekslint-webhook") || strings.Contains(rest, "ekslint-system") {
				t.Errorf("%s names what is not its own:\n%s", name, doc)
			}
		}
	}
}
