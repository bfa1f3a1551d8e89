// Package action runs the steps of the GitHub action with bash, in a git
// repository and with the files and variables that a runner gives them. The
// client of GitHub is a stub that records.
package action

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// metadata is what this test reads of action.yml.
type metadata struct {
	Inputs map[string]struct {
		Description string
		Default     string
	}
	Outputs map[string]struct{ Value string }
	Runs    struct {
		Using string
		Steps []step
	}
}

type step struct {
	Name, ID, If, Uses, Run, Shell string
	With, Env                      map[string]string
}

func readAction(t *testing.T) metadata {
	t.Helper()
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	// What go test sees opened decides whether it runs anew.
	for _, script := range []string{"install.sh", "check.sh", "comment.sh", "lines.sh"} {
		if _, err := os.ReadFile("../../.github/action/" + script); err != nil {
			t.Fatal(err)
		}
	}
	var m metadata
	if err := yaml.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

var expression = regexp.MustCompile(`\$\{\{\s*(.*?)\s*\}\}`)

// TestNothingIsPastedIntoScripts: an expression in a script would run what the
// title of a pull request or the name of a file says.
func TestNothingIsPastedIntoScripts(t *testing.T) {
	t.Parallel()
	m := readAction(t)
	if m.Runs.Using != "composite" || len(m.Runs.Steps) == 0 {
		t.Fatalf("not a composite action: %+v", m.Runs)
	}
	for _, s := range m.Runs.Steps {
		if expression.MatchString(s.Run) {
			t.Errorf("%s: an expression in the script: %s", s.Name, s.Run)
		}
		if (s.Run != "") == (s.Uses != "") || (s.Run != "" && s.Shell != "bash") {
			t.Errorf("%s: neither a script of bash nor a use of an action", s.Name)
		}
	}
}

// TestInputsExist: a misspelt input is the empty string on a runner.
func TestInputsExist(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	m := readAction(t)
	used := map[string]bool{}
	for _, name := range regexp.MustCompile(`\binputs\.([a-z-]+)`).FindAllStringSubmatch(string(text), -1) {
		used[name[1]] = true
		if _, ok := m.Inputs[name[1]]; !ok {
			t.Errorf("there is no input %s", name[1])
		}
	}
	for name, input := range m.Inputs {
		if !used[name] || input.Description == "" {
			t.Errorf("input %s is not used or not described", name)
		}
	}
}

func TestCleanPullRequest(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	r.values["inputs.paths"] = "\ndeploy\r\n"
	r.values["inputs.args"] = "--exclude=NP-004\n--quiet"
	got := r.run()
	want := []string{"Set up Go", "Install ekslint", "Check", "Upload to code scanning", "Comment", "Result"}
	if diff := cmp.Diff(want, got); diff != "" || r.failed {
		t.Fatalf("failed %t, -want +got:\n%s\n%s", r.failed, diff, r.log.String())
	}
	if !strings.Contains(r.summary(), "**No findings**") {
		t.Errorf("the summary is %q", r.summary())
	}
	if calls := r.stubFile("calls"); strings.Contains(calls, "POST") || !strings.Contains(calls, "repos/o/r/issues/7/comments") {
		t.Errorf("a change that opens nothing makes no comment:\n%s", calls)
	}
}

func TestFindingsFailAtTheEnd(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	r.values["inputs.paths"] = "deploy"
	// A name that a shell would run and that is markup.
	name := "deploy/$(touch pwned);`touch pwned` <b>.yaml"
	write(t, filepath.Join(r.work, name), bad)
	r.run()
	if !r.failed || r.values["steps.check.outputs.exit-code"] != "1" {
		t.Errorf("failed %t, exit code %q\n%s", r.failed, r.values["steps.check.outputs.exit-code"], r.log.String())
	}
	if _, err := os.Stat(filepath.Join(r.work, "pwned")); err == nil {
		t.Error("the name of a file was run")
	}
	if s := r.summary(); !strings.Contains(s, "`ING-005`") || strings.Contains(s, "add-mask]") {
		t.Errorf("the summary is %s", s)
	}
	log := r.log.String()
	stop := regexp.MustCompile(`(?s)::stop-commands::(\w{32})\n.*?##\[add-mask\]api.*?\n::(\w{32})::\n`).FindStringSubmatch(log)
	if stop == nil || stop[1] != stop[2] {
		t.Errorf("the report is not kept from giving commands:\n%s", log)
	}
	if !strings.Contains(log, "::error title=ING-005%3A ") || !strings.Contains(log, "file=deploy/$(touch pwned);`touch pwned` <b>.yaml,line=7") {
		t.Errorf("no annotation:\n%s", log)
	}
	var log2 struct{ Version string }
	text, err := os.ReadFile(r.values["steps.check.outputs.sarif"])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &log2); err != nil || log2.Version != "2.1.0" {
		t.Errorf("the upload is not SARIF: %v %+v", err, log2)
	}
}

// TestSuppressedAreNotUploaded: code scanning would show them as open alerts.
func TestSuppressedAreNotUploaded(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not installed")
	}
	r := newRunner(t)
	r.values["inputs.paths"] = "deploy"
	write(t, filepath.Join(r.work, "deploy/bad.yaml"), strings.Replace(bad, "  annotations:\n", "  annotations:\n    ekslint.io/ignore: ING-005 known\n", 1))
	write(t, filepath.Join(r.work, "deploy/worse.yaml"), strings.Replace(bad, "metadata:\n", "metadata:\n  namespace: other\n", 1))
	r.run()
	text, err := os.ReadFile(r.values["steps.check.outputs.sarif"])
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), `"ruleId": "ING-005"`); n != 1 {
		t.Errorf("%d results of ING-005 are uploaded, want that of one file:\n%s\n%s", n, text, r.log.String())
	}
}

// TestComment: the first run with something to say makes a comment, the next
// edits it, also when nothing is left to say.
func TestComment(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	r.values["inputs.paths"] = "deploy"
	r.values["inputs.fail-on"] = "none"
	r.values["inputs.sarif"] = "false"
	r.values["inputs.summary"] = "false"
	write(t, filepath.Join(r.work, "deploy/policy.yaml"), strings.Replace(good, "{matchLabels: {app: api}}", "{}", 1))
	if ran := r.run(); r.failed || strings.Contains(strings.Join(ran, ","), "Upload") || r.summary() != "" {
		t.Fatalf("ran %v, failed %t, summary %q\n%s", ran, r.failed, r.summary(), r.log.String())
	}
	post := "api\n--method\nPOST\nrepos/o/r/issues/7/comments\n-F\nbody=@" + r.temp + "/ekslint/comment.md\n--silent\n--\n"
	if calls := r.stubFile("calls"); strings.Count(calls, post) != 1 {
		t.Fatalf("no comment was made:\n%s\n%s", calls, r.log.String())
	}
	body := r.stubFile("body")
	if !strings.HasPrefix(body, "<!-- ekslint diff -->\n**ekslint diff**") || !strings.Contains(body, "`shop/web[Pod]`") {
		t.Errorf("the comment is %s", body)
	}

	write(t, filepath.Join(r.temp, "stub/ids"), "42\n43\n")
	write(t, filepath.Join(r.work, "deploy/policy.yaml"), good)
	r.run()
	patch := "api\n--method\nPATCH\nrepos/o/r/issues/comments/42\n"
	calls := r.stubFile("calls")
	if r.failed || strings.Count(calls, patch) != 1 || strings.Count(calls, "POST") != 1 {
		t.Errorf("the comment was not edited:\n%s\n%s", calls, r.log.String())
	}
	if body := r.stubFile("body"); strings.Contains(body, "shop/web") {
		t.Errorf("the comment still says %s", body)
	}
}

// TestOwnComment runs the filter of the comments over an answer of GitHub.
func TestOwnComment(t *testing.T) {
	t.Parallel()
	jq, err := exec.LookPath("jq")
	if err != nil {
		t.Skip("needs jq")
	}
	r := newRunner(t)
	r.values["inputs.paths"] = "deploy"
	r.run()
	calls := strings.Split(r.stubFile("calls"), "\n")
	filter := ""
	for i, arg := range calls {
		if arg == "--jq" {
			filter = calls[i+1]
		}
	}
	cmd := exec.Command(jq, filter) //nolint:gosec // the filter is that of the action
	cmd.Stdin = strings.NewReader(`[
		{"id": 1, "user": {"type": "User"}, "body": "<!-- ekslint diff -->\nforged"},
		{"id": 2, "user": {"type": "Bot"}, "body": "another: <!-- ekslint diff -->"},
		{"id": 3, "user": {"type": "Bot"}, "body": "<!-- ekslint diff -->\nours"}]`)
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "3\n" {
		t.Errorf("%v: %s", err, out)
	}
}

// TestCommentFails: a token that may not write is a warning.
func TestCommentFails(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	r.values["inputs.paths"] = "deploy"
	r.values["inputs.fail-on"] = "none"
	write(t, filepath.Join(r.temp, "stub/exit"), "1")
	r.run()
	if r.failed || !strings.Contains(r.log.String(), "::warning title=ekslint::no comment") {
		t.Errorf("failed %t\n%s", r.failed, r.log.String())
	}
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	r.values["inputs.paths"] = "nowhere"
	ran := r.run()
	if !r.failed || r.values["steps.check.outputs.exit-code"] != "2" || strings.Contains(strings.Join(ran, ","), "Upload") {
		t.Errorf("ran %v, exit code %q\n%s", ran, r.values["steps.check.outputs.exit-code"], r.log.String())
	}
}

// TestPush: there is nothing to comment on.
func TestPush(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	r.values["inputs.paths"] = "deploy"
	r.values["github.event_name"] = "push"
	r.run()
	if calls := r.stubFile("calls"); calls != "" {
		t.Errorf("gh was called:\n%s", calls)
	}
}

// TestBuild: without a version the commit of the action is built.
func TestBuild(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	for _, s := range readAction(t).Runs.Steps {
		if s.Name == "Install ekslint" {
			r.step(s)
		}
	}
	out, err := exec.Command(filepath.Join(r.temp, "ekslint", "ekslint"), "version").CombinedOutput() //nolint:gosec // built above
	if err != nil || !strings.HasPrefix(string(out), "ekslint ") {
		t.Errorf("%v: %s\n%s", err, out, r.log.String())
	}
}

// TestRelease: a release is taken when its checksum is right.
func TestRelease(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		version, sums string
		ok            bool
	}{
		"right":        {"v1.2.3", "right", true},
		"wrong":        {"v1.2.3", "wrong", false},
		"not listed":   {"v1.2.3", "", false},
		"no version":   {"main", "right", false},
		"not a number": {"v1.2.3;touch pwned", "right", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t)
			dir := filepath.Join(r.temp, "stub/release")
			write(t, filepath.Join(dir, "ekslint"), "#!/bin/sh\nexit 0\n")
			system, sum := "linux", "sha256sum"
			if runtime.GOOS == "darwin" {
				system, sum = "darwin", "shasum -a 256"
			}
			archive := "ekslint_1.2.3_" + system + "_" + runtime.GOARCH + ".tar.gz"
			script := "tar -czf " + archive + " ekslint && rm ekslint && touch checksums.txt\n"
			switch test.sums {
			case "right":
				script += sum + " " + archive + " >checksums.txt"
			case "wrong":
				script += sum + " /dev/null | sed 's,/dev/null," + archive + ",' >checksums.txt"
			}
			cmd := exec.Command("bash", "-ec", script) //nolint:gosec // made above
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			r.values["inputs.version"] = test.version
			for _, s := range readAction(t).Runs.Steps {
				if s.Name == "Install ekslint" {
					r.step(s)
				}
			}
			if r.failed == test.ok {
				t.Errorf("failed %t\n%s", r.failed, r.log.String())
			}
		})
	}
}
