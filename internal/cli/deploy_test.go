package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/internal/cli"
	"github.com/ekslint/ekslint/internal/deploy"
)

const deployDir = "../../deploy"

// objects reads what stands in a text of YAML.
func objects(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	var out []*unstructured.Unstructured
	for doc := range strings.SplitSeq(text, "\n---\n") {
		u := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(doc), &u.Object); err != nil {
			t.Fatalf("%v:\n%s", err, doc)
		}
		out = append(out, u)
	}
	return out
}

// valuesOf reads a file of values.
func valuesOf(t *testing.T, name string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := yaml.Unmarshal(read(t, filepath.Join("..", "deploy", "testdata", name)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// rendered are the objects of the chart, as they are installed with some values.
func rendered(t *testing.T, values map[string]any) []*unstructured.Unstructured {
	t.Helper()
	r := deploy.Plain()
	r.Values = values
	texts, err := deploy.Render(t.Context(), filepath.Join(deployDir, "chart"), r)
	if err != nil {
		t.Fatal(err)
	}
	delete(texts, "NOTES.txt")
	var out []*unstructured.Unstructured
	for _, text := range texts {
		out = append(out, objects(t, text)...)
	}
	return out
}

func deploymentOf(t *testing.T, list []*unstructured.Unstructured) *appsv1.Deployment {
	t.Helper()
	i := slices.IndexFunc(list, func(u *unstructured.Unstructured) bool { return u.GetKind() == "Deployment" })
	if i < 0 {
		t.Fatal("no Deployment")
	}
	var d appsv1.Deployment
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(list[i].Object, &d, true); err != nil {
		t.Fatal(err)
	}
	return &d
}

// certified are values with a certificate that is there.
func certified(authority string) map[string]any {
	return map[string]any{"certificates": map[string]any{"existingSecret": "own", "caBundle": authority}}
}

// TestDeployedArguments: the command knows the flags that the chart gives it.
func TestDeployedArguments(t *testing.T) {
	t.Parallel()
	values := valuesOf(t, "everything.yaml")
	maps.Copy(values, valuesOf(t, "cert-manager.yaml"))
	for name, values := range map[string]map[string]any{
		"the defaults": nil, "a Secret": valuesOf(t, "existing-secret.yaml"), "cert-manager, AWS and more": values,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			args := deploymentOf(t, rendered(t, values)).Spec.Template.Spec.Containers[0].Args
			// Flags are read before help is given.
			if code := cli.Run(t.Context(), append(args, "--help"), nil, io.Discard, &stderr); code != cli.ExitClean {
				t.Errorf("%v: exit code %d: %s", args, code, stderr.String())
			}
		})
	}
}

// TestDeployedGrace: a pod has time for its drain, and for the last answers after it.
func TestDeployedGrace(t *testing.T) {
	t.Parallel()
	var help bytes.Buffer
	if code := cli.Run(t.Context(), []string{"webhook", "--help"}, nil, &help, io.Discard); code != cli.ExitClean {
		t.Fatal(help.String())
	}
	m := regexp.MustCompile(`--drain .*\(default (\S+)\)`).FindStringSubmatch(help.String())
	if m == nil {
		t.Fatalf("no --drain:\n%s", help.String())
	}
	drain, err := time.ParseDuration(m[1])
	if err != nil {
		t.Fatal(err)
	}
	const last = 10 * time.Second
	if grace := time.Duration(*deploymentOf(t, rendered(t, nil)).Spec.Template.Spec.TerminationGracePeriodSeconds) * time.Second; grace < drain+last {
		t.Errorf("%v are less than %v and %v", grace, drain, last)
	}
}

// TestDeployIsClean: our own check finds nothing in what we ship.
func TestDeployIsClean(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"the folder":                    {deployDir},
		"the chart with every rule":     {deployDir + "/chart", "--complete", "--preset", "strict"},
		"the manifests with every rule": {deployDir + "/manifests", "--complete", "--preset", "strict"},
		"the chart and where the API server is": {
			deployDir + "/chart", "--complete", "--preset", "strict", "--set", "networkPolicy.from[0].ipBlock.cidr=10.0.0.0/16",
			"--set", "serviceMonitor.enabled=true,certificates.certManager.enabled=true,aws.configMap=aws",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := cli.Run(t.Context(), append([]string{"check", "--format", "json"}, args...), nil, &stdout, &stderr)
			var report struct {
				Findings        []struct{ File, Rule, Message string }
				Problems, Notes []any
			}
			if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
				t.Fatalf("%v: %s%s", err, stdout.String(), stderr.String())
			}
			var got []string
			for _, f := range report.Findings {
				got = append(got, strings.TrimPrefix(f.File, "../../")+" "+f.Rule+" "+f.Message)
			}
			if code != cli.ExitClean || len(got)+len(report.Problems)+len(report.Notes) > 0 {
				t.Errorf("exit code %d, problems %v, notes %v, findings %v", code, report.Problems, report.Notes, got)
			}
		})
	}
}

// mount lays files out as the kubelet does those of a ConfigMap or a Secret.
func mount(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	inner := filepath.Join(dir, "..2026_01_01_00_00_00.1")
	if err := os.Mkdir(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	links := map[string]string{"..data": filepath.Base(inner)}
	for name, text := range files {
		write(t, filepath.Join(inner, name), []byte(text))
		links[name] = filepath.Join("..data", name)
	}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// command is what a pod of the Deployment runs, where the test has its files.
func command(t *testing.T, d *appsv1.Deployment, volumes map[string]map[string]string) []string {
	t.Helper()
	container := d.Spec.Template.Spec.Containers[0]
	args := slices.Clone(container.Args)
	for _, v := range container.VolumeMounts {
		files, ok := volumes[v.Name]
		if !ok {
			t.Fatalf("a volume %s", v.Name)
		}
		dir := mount(t, files)
		for i, a := range args {
			if flag, path, _ := strings.Cut(a, "="); path == v.MountPath || strings.HasPrefix(path, v.MountPath+"/") {
				args[i] = flag + "=" + dir + strings.TrimPrefix(path, v.MountPath)
			}
		}
	}
	return args
}

func kubeconfig(host, token string) []byte {
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: %q, insecure-skip-tls-verify: true}}]
users: [{name: pod, user: {token: %q}}]
contexts: [{name: test, context: {cluster: test, user: pod}}]
current-context: test
`, host, token)
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
