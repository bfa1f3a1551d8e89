package action

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ekslint/ekslint/internal/cli"
)

// runner is one run of the action.
type runner struct {
	t    *testing.T
	root string // the repository of the action
	work string // the checkout
	temp string // RUNNER_TEMP
	// values are what expressions stand for.
	values map[string]string
	env    []string
	log    bytes.Buffer
	failed bool
}

const good = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: api}}
`

const workloads = `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop, labels: {app: api}}
spec: {containers: [{name: api, image: api, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: db, image: db, ports: [{containerPort: 5432}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: web, ports: [{containerPort: 80}]}]}
`

// bad has an unknown annotation value, and its message quotes a command.
const bad = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    alb.ingress.kubernetes.io/scheme: "##[add-mask]api"
spec: {ingressClassName: alb}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb}
`

func newRunner(t *testing.T) *runner {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs bash with the tools of a Unix")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{t: t, root: root, temp: t.TempDir(), values: map[string]string{}}
	for name, input := range readAction(t).Inputs {
		r.values["inputs."+name] = input.Default
	}
	origin := t.TempDir()
	r.work = filepath.Join(t.TempDir(), "checkout")
	write(t, filepath.Join(origin, "deploy/pods.yaml"), workloads)
	write(t, filepath.Join(origin, "deploy/policy.yaml"), good)
	r.git(origin, "init", "--quiet", "--initial-branch=main")
	r.git(origin, "config", "uploadpack.allowAnySHA1InWant", "true")
	r.git(origin, "add", ".")
	r.git(origin, "commit", "--quiet", "--message=base")
	base := r.git(origin, "rev-parse", "HEAD")
	r.git(origin, "commit", "--quiet", "--allow-empty", "--message=head")
	// As actions/checkout does: one commit, so that the base is not there.
	r.git(origin, "clone", "--quiet", "--depth=1", "file://"+origin, r.work)
	r.values["inputs.token"] = "secret"
	r.values["github.event_name"] = "pull_request"
	r.values["github.event.pull_request.base.sha"] = base
	r.values["github.event.pull_request.number"] = "7"
	r.values["github.action_path"] = root
	r.env = append(os.Environ(),
		"PATH="+r.stub()+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GITHUB_ACTION_PATH="+root, "RUNNER_TEMP="+r.temp, "GITHUB_WORKSPACE="+r.work,
		"GITHUB_STEP_SUMMARY="+filepath.Join(r.temp, "summary"),
		"GITHUB_SERVER_URL=https://github.com", "GITHUB_REPOSITORY=o/r", "GITHUB_SHA=abc")
	return r
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (r *runner) git(dir string, args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// stub makes a client of GitHub that records its arguments and the file of a
// body, and answers from files beside it.
func (r *runner) stub() string {
	dir := filepath.Join(r.temp, "stub")
	write(r.t, filepath.Join(dir, "gh"), `#!/usr/bin/env bash
set -euo pipefail
dir=$(dirname "$0")
for arg; do
  printf '%s\n' "$arg"
  case $arg in body=@*) cp "${arg#body=@}" "$dir/body" ;; esac
done >>"$dir/calls"
echo "--" >>"$dir/calls"
[ "$GH_TOKEN" = secret ]
case "$1 $2" in
  'release download') cp "$dir"/release/* . ;;
  'api --paginate') cat "$dir/ids" ;;
esac
exit "$(cat "$dir/exit")"
`)
	write(r.t, filepath.Join(dir, "ids"), "")
	write(r.t, filepath.Join(dir, "exit"), "0")
	if err := os.Chmod(filepath.Join(dir, "gh"), 0o700); err != nil { //nolint:gosec // a script
		r.t.Fatal(err)
	}
	return dir
}

func (r *runner) stubFile(name string) string {
	text, err := os.ReadFile(filepath.Join(r.temp, "stub", name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.t.Fatal(err)
	}
	return string(text)
}

// holds evaluates a condition: equalities of values and texts, joined by &&.
func (r *runner) holds(condition string) bool {
	for _, part := range strings.Split(condition, "&&") {
		words := strings.Fields(part)
		if len(words) != 3 || (words[1] != "==" && words[1] != "!=") {
			r.t.Fatalf("this test does not know the condition %q", condition)
		}
		if (r.values[words[0]] == strings.Trim(words[2], "'")) != (words[1] == "==") {
			return false
		}
	}
	return true
}

func (r *runner) expand(text string) string {
	return expression.ReplaceAllStringFunc(text, func(e string) string {
		return r.values[expression.FindStringSubmatch(e)[1]]
	})
}

// TestMain lets this program be ekslint where it is called so.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ekslint": func() { os.Exit(cli.Main()) }})
}

// install stands for the step that builds ekslint, which takes a while.
func (r *runner) install() {
	r.t.Helper()
	program, err := exec.LookPath("ekslint")
	if err != nil {
		r.t.Fatal(err)
	}
	target := filepath.Join(r.temp, "ekslint", "ekslint")
	if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Symlink(program, target); err != nil && !errors.Is(err, os.ErrExist) {
		r.t.Fatal(err)
	}
}

// run runs the steps as a runner does and returns the names of those that ran.
func (r *runner) run() []string {
	r.t.Helper()
	var ran []string
	for _, s := range readAction(r.t).Runs.Steps {
		if r.failed || (s.If != "" && !r.holds(s.If)) {
			continue
		}
		ran = append(ran, s.Name)
		switch {
		case s.Name == "Install ekslint":
			r.install()
		case s.Run != "":
			r.step(s)
		}
	}
	return ran
}

func (r *runner) step(s step) {
	r.t.Helper()
	output := filepath.Join(r.temp, "output")
	write(r.t, output, "")
	// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
	cmd := exec.Command("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", s.Run)
	cmd.Dir = r.work
	cmd.Env = append(r.env, "GITHUB_OUTPUT="+output)
	for name, value := range s.Env {
		cmd.Env = append(cmd.Env, name+"="+r.expand(value))
	}
	cmd.Stdout, cmd.Stderr = &r.log, &r.log
	if err := cmd.Run(); err != nil {
		fmt.Fprintf(&r.log, "%s: %v\n", s.Name, err)
		r.failed = true
	}
	text, err := os.ReadFile(output)
	if err != nil {
		r.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			r.values["steps."+s.ID+".outputs."+name] = value
		}
	}
}

func (r *runner) summary() string {
	text, err := os.ReadFile(filepath.Join(r.temp, "summary"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.t.Fatal(err)
	}
	return string(text)
}
