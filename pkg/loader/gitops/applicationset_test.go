package gitops_test

import (
	"fmt"
	"strings"
	"testing"
)

// set is an ApplicationSet of the repository.
func set(generators, template, more string) string {
	return clone + `
-- set.yaml --
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: all, namespace: argocd}
spec:
` + indent(generators) + indent(template) + more
}

const (
	simple = `
template:
  metadata: {name: 'app-{{name}}'}
  spec:
    destination: {server: '{{server}}', namespace: '{{ name }}'}
    source: {repoURL: https://github.com/acme/shop, path: 'apps/{{name}}'}
`
	byPath = `
template:
  metadata: {name: 'app-{{path.basename}}'}
  spec:
    destination: {name: in-cluster, namespace: '{{path.basenameNormalized}}'}
    source: {repoURL: https://github.com/acme/shop, path: '{{path}}'}
`
	byGoPath = `
goTemplate: true
goTemplateOptions: [missingkey=error]
template:
  metadata: {name: 'app-{{.path.basename}}'}
  spec:
    destination: {name: in-cluster, namespace: '{{index .path.segments 0}}'}
    source: {repoURL: https://github.com/acme/shop, path: '{{.path.path}}'}
`
	apps = "\n-- apps/eu/a.yaml --\n-- apps/us/a.yaml --\n-- apps/My_App/a.yaml --\n-- apps/.hidden/a.yaml --\n-- apps/eu/deep/a.yaml --\n"
)

func TestApplicationSetList(t *testing.T) {
	t.Parallel()
	tests := []test{
		{"elements", set("generators:\n- list:\n    elements:\n    - {name: eu, server: https://kubernetes.default.svc}\n    - {name: us, server: https://us.example.com}", simple, apps), []string{
			"Application argocd/app-eu: plain apps/eu in eu: apps/eu/a.yaml",
			"Application argocd/app-us: plain apps/us in us to https://us.example.com: apps/us/a.yaml",
		}},
		{"a parameter that is missing", set("generators:\n- list:\n    elements:\n    - {name: eu}\n    - {name: us, server: https://kubernetes.default.svc}", simple, apps), []string{
			"Application argocd/app-us: plain apps/us in us: apps/us/a.yaml",
			"Application argocd/app-eu: not followed: spec.destination.server is not known",
		}},
		{"a parameter that is not known", set("generators:\n- list:\n    elements:\n    - {name: eu, server: '${SERVER}'}\n    - {name: us, server: https://kubernetes.default.svc}", simple, apps), []string{
			"Application argocd/app-us: plain apps/us in us: apps/us/a.yaml",
			"Application argocd/app-eu: not followed: spec.destination.server is not known",
		}},
		{"two of one name", set("generators:\n- list: {elements: [{name: eu, server: https://kubernetes.default.svc}, {name: eu, server: https://x}]}", simple, apps), []string{
			"Application argocd/app-eu: not followed: another Application that is generated has its name",
			"Application argocd/app-eu: not followed: another Application that is generated has its name",
		}},
		{"a number", set("generators:\n- list: {elements: [{name: 1}]}", simple, apps), []string{
			"ApplicationSet argocd/all: not followed: name of an element is no text",
		}},
		{"values", set("generators:\n- list: {elements: [{values: {x: eu}}]}", strings.NewReplacer("{{name}}", "{{values.x}}", "{{ name }}", "{{ values.x }}", "{{server}}", "https://{{values.x}}").Replace(simple), apps), []string{
			"Application argocd/app-eu: plain apps/eu in eu to https://eu: apps/eu/a.yaml",
		}},
		{"a selector", set("generators:\n- list: {elements: [{name: eu, server: https://kubernetes.default.svc, on: 'yes'}, {name: us, on: 'no'}]}\n  selector: {matchLabels: {on: 'yes'}}", simple, apps), []string{
			"Application argocd/app-eu: plain apps/eu in eu: apps/eu/a.yaml",
		}},
		{"elements as text", set("generators:\n- list: {elementsYaml: '[{name: eu, server: https://kubernetes.default.svc}]'}", simple, apps), []string{
			"Application argocd/app-eu: plain apps/eu in eu: apps/eu/a.yaml",
		}},
		{"a template of the generator", set("generators:\n- list:\n    elements: [{name: eu, server: https://kubernetes.default.svc}]\n    template: {metadata: {}, spec: {project: '', source: {repoURL: ''}, destination: {namespace: own}}}", simple, apps), []string{
			"Application argocd/app-eu: plain apps/eu in own: apps/eu/a.yaml",
		}},
		{"a patch", set("templatePatch: 'spec: {}'\ngenerators:\n- list: {elements: [{name: eu}]}", simple, apps), []string{
			"ApplicationSet argocd/all: not followed: its templatePatch is not applied",
		}},
		{"clusters beside", set("generators:\n- clusters: {}\n- list: {elements: [{name: eu, server: https://kubernetes.default.svc}]}\n- pullRequest: {}\n- scmProvider: {}\n- plugin: {}\n- clusterDecisionResource: {}\n- new: {}", simple, apps), []string{
			"Application argocd/app-eu: plain apps/eu in eu: apps/eu/a.yaml",
			"ApplicationSet argocd/all: not followed: the clusters that Argo CD knows are not in the input",
			"ApplicationSet argocd/all: not followed: open pull requests are not in the input",
			"ApplicationSet argocd/all: not followed: the repositories of an organisation are not in the input",
			"ApplicationSet argocd/all: not followed: a plugin generates its parameters",
			"ApplicationSet argocd/all: not followed: the clusters that another object decides on are not in the input",
			"ApplicationSet argocd/all: not followed: it has no generator that is known",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestApplicationSetGit(t *testing.T) {
	t.Parallel()
	const repo = "repoURL: https://github.com/acme/shop, revision: HEAD, "
	files := "\n-- env/eu/config.json --\n{\"region\": {\"name\": \"eu-west-1\"}, \"n\": 1}\n-- env/us/config.json --\n[{\"region\": {\"name\": \"us-east-1\"}}]\n"
	byFile := "template:\n  metadata: {name: 'app-{{region.name}}'}\n  spec:\n    destination: {name: in-cluster, namespace: 'n{{n}}'}\n    source: {repoURL: https://github.com/acme/shop, path: '{{path}}', directory: {include: '{{path.filename}}'}}\n"
	tests := []test{
		{"folders", set("generators:\n- git: {"+repo+"directories: [{path: apps/*}, {path: apps/us, exclude: true}]}", byPath, apps), []string{
			"Application argocd/app-My_App: plain apps/My_App in my-app: apps/My_App/a.yaml",
			"Application argocd/app-eu: plain apps/eu in eu: apps/eu/a.yaml",
		}},
		{"folders, Go", set("generators:\n- git: {"+repo+"directories: [{path: apps/u*}]}", byGoPath, apps), []string{
			"Application argocd/app-us: plain apps/us in apps: apps/us/a.yaml",
		}},
		{"a parameter that there is only in Go", set("generators:\n- git: {"+repo+"directories: [{path: apps/eu}]}", strings.Replace(byPath, "{{path}}", "{{path.path}}", 1), apps), []string{
			"Application argocd/app-eu: not followed: spec.source.path is not known",
		}},
		{"another repository", set("generators:\n- git: {repoURL: https://github.com/acme/other, directories: [{path: apps/*}]}", byPath, apps), []string{
			"ApplicationSet argocd/all: not followed: https://github.com/acme/other is another repository",
		}},
		{"an older revision", set("generators:\n- git: {repoURL: https://github.com/acme/shop, revision: v1.0.0, directories: [{path: apps/*}]}", byPath, apps), []string{
			"ApplicationSet argocd/all: not followed: the revision v1.0.0 need not be what this tree shows",
		}},
		{"nothing", set("generators:\n- git: {"+repo+"}", byPath, apps), []string{
			"ApplicationSet argocd/all: not followed: it names no folders and no files",
		}},
		{"files", set("generators:\n- git: {"+repo+"files: [{path: env/*/config.json}]}", byFile, files), []string{
			"Application argocd/app-eu-west-1: plain env/eu in n1: env/eu/config.json",
			"Application argocd/app-us-east-1: not followed: spec.destination.namespace is not known",
		}},
		{"files below, which depends", set("generators:\n- git: {"+repo+"files: [{path: env/*/config.json}]}", byFile, files+"-- env/a/b/config.json --\n{}\n"), []string{
			"ApplicationSet argocd/all: not followed: which files its patterns name depends on the settings of Argo CD",
		}},
		{"files without those", set("generators:\n- git: {"+repo+"files: [{path: env/a/*, exclude: true}, {path: 'env/*/config.json'}]}", byFile, "-- env/a/b.txt --\n-- env/a/config.json --\n{}\n"+files), []string{
			"Application argocd/app-eu-west-1: plain env/eu in n1: env/eu/config.json",
			"Application argocd/app-us-east-1: not followed: spec.destination.namespace is not known",
		}},
		{"a file that is none", set("generators:\n- git: {"+repo+"files: [{path: env/eu/config.json}]}", byFile, "\n-- env/eu/config.json --\n3\n"), []string{
			"ApplicationSet argocd/all: not followed: env/eu/config.json holds no parameters",
		}},
		{"values and a prefix", set("generators:\n- git: {"+repo+"directories: [{path: apps/eu}], pathParamPrefix: my, values: {ns: 'x-{{my.path.basename}}-{{my.path[0]}}'}}",
			strings.NewReplacer("{{path", "{{my.path", "'{{path.basenameNormalized}}'", "'{{values.ns}}'").Replace(byPath), apps), []string{
			"Application argocd/app-eu: plain apps/eu in x-eu-apps: apps/eu/a.yaml",
		}},
		{"values and a prefix, Go", set("generators:\n- git: {"+repo+"directories: [{path: apps/eu}], pathParamPrefix: my, values: {ns: 'x-{{.my.path.basename}}'}}",
			strings.NewReplacer(".path.", ".my.path.", "index .path.segments 0", ".values.ns | upper").Replace(byGoPath), apps), []string{
			"Application argocd/app-eu: plain apps/eu in X-EU: apps/eu/a.yaml",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestApplicationSetGoTemplate(t *testing.T) {
	t.Parallel()
	with := func(name, options string) string {
		return set("generators:\n- list: {elements: [{name: eu, env: {tier: prod}, tags: [a, b]}]}\ngoTemplate: true\n"+options,
			"template:\n  metadata: {name: '"+name+"'}\n  spec:\n    destination: {name: in-cluster}\n    source: {repoURL: https://github.com/acme/shop, path: apps/eu}\n", apps)
	}
	ok := func(name string) []string {
		return []string{"Application argocd/" + name + ": plain apps/eu: apps/eu/a.yaml"}
	}
	bad := func(text string) []string {
		return []string{"ApplicationSet argocd/all: not followed: the template " + text}
	}
	tests := []test{
		{"nested", with("{{.name}}-{{.env.tier}}", ""), ok("eu-prod")},
		{"functions", with("{{ .name | upper | trunc 1 }}{{ normalize \"A_b\" }}", ""), ok("Ea-b")},
		{"conditions", with("{{ if eq .env.tier \"prod\" }}p{{ else }}d{{ end }}-{{ index .tags 1 }}", ""), ok("p-b")},
		{"missing", with("{{.gone}}", ""), []string{"Application argocd/<no value>: not followed: metadata.name is not known"}},
		{"missing, an error", with("{{.gone}}", "goTemplateOptions: [missingkey=error]"), bad("\"{{.gone}}\" cannot be filled in")},
		{"the environment", with("{{ env \"HOME\" }}", ""), bad("\"{{ env \\\"HOME\\\" }}\" cannot be read")},
		{"chance", with("{{ randAlpha 3 }}", ""), bad("\"{{ randAlpha 3 }}\" cannot be read")},
		{"definitions", with("{{ define \"x\" }}{{ end }}", ""), bad("\"{{ define \\\"x\\\" }}{{ end }}\" defines others")},
		{"a text without end", set("generators:\n- list: {elements: [{name: "+strings.Repeat("x", 2000)+", tags: ["+strings.Repeat("a,", 1000)+"]}]}\ngoTemplate: true",
			"template:\n  metadata: {name: '{{ range .tags }}{{ $.name }}{{ end }}'}\n", apps), bad("\"{{ range .tags }}{{ $.name }}{{ end }}\" cannot be filled in")},
		{"not closed", with("{{ .name", ""), bad("\"{{ .name\" cannot be read")},
		{"an option that is none", with("{{.name}}", "goTemplateOptions: [missingkey=panic]"), []string{
			"ApplicationSet argocd/all: not followed: the option missingkey=panic of templates is not known",
		}},
		{"a parameter that is not known decides", set("generators:\n- list: {elements: [{name: '${X}'}]}\ngoTemplate: true",
			"template:\n  metadata: {name: '{{ if eq .name \"a\" }}a{{ end }}b'}\n", apps), []string{
			"ApplicationSet argocd/all: not followed: the parameter name is not known",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestApplicationSetNested(t *testing.T) {
	t.Parallel()
	const repo = "repoURL: https://github.com/acme/shop, "
	list := func(elements string) string { return "    - list: {elements: [" + elements + "]}\n" }
	cluster := strings.NewReplacer("'app-{{path.basename}}'", "'{{name}}-{{path.basename}}'", "name: in-cluster", "name: '{{name}}'").Replace(byPath)
	tests := []test{
		{"matrix", set("generators:\n- matrix:\n    generators:\n"+list("{name: in-cluster}, {name: b}")+"    - git: {"+repo+"directories: [{path: 'apps/?s'}]}", cluster, apps), []string{
			"Application argocd/in-cluster-us: plain apps/us in us: apps/us/a.yaml",
			"Application argocd/b-us: plain apps/us in us to b: apps/us/a.yaml",
		}},
		{"matrix whose second generator uses the first", set("generators:\n- matrix:\n    generators:\n"+list("{name: in-cluster, region: eu}")+"    - git: {"+repo+"directories: [{path: 'apps/{{region}}'}]}", cluster, apps), []string{
			"Application argocd/in-cluster-eu: plain apps/eu in eu: apps/eu/a.yaml",
		}},
		{"matrix that disagrees", set("generators:\n- matrix:\n    generators:\n"+list("{name: a}")+list("{name: b}"), simple, apps), []string{
			"ApplicationSet argocd/all: not followed: both generators of its matrix have the parameter name",
		}},
		{"matrix of one", set("generators:\n- matrix:\n    generators:\n"+list("{name: a}"), simple, apps), []string{
			"ApplicationSet argocd/all: not followed: a matrix combines two generators",
		}},
		{"matrix with clusters", set("generators:\n- matrix:\n    generators:\n"+list("{name: a}")+"    - clusters: {}", simple, apps), []string{
			"ApplicationSet argocd/all: not followed: the clusters that Argo CD knows are not in the input",
		}},
		{"merge", set("generators:\n- merge:\n    mergeKeys: [name]\n    generators:\n"+list("{name: eu, server: https://a}, {name: us, server: https://b}")+list("{name: eu, server: https://kubernetes.default.svc}, {name: xx}"), simple, apps), []string{
			"Application argocd/app-eu: plain apps/eu in eu: apps/eu/a.yaml",
			"Application argocd/app-us: plain apps/us in us to https://b: apps/us/a.yaml",
		}},
		{"merge that cannot tell", set("generators:\n- merge:\n    mergeKeys: [server]\n    generators:\n"+list("{name: eu, server: a}, {name: us, server: a}")+list("{name: eu}"), simple, apps), []string{
			"ApplicationSet argocd/all: not followed: server do not tell its parameters apart",
		}},
		{"merge without keys", set("generators:\n- merge:\n    generators:\n"+list("{name: eu}")+list("{name: eu}"), simple, apps), []string{
			"ApplicationSet argocd/all: not followed: a merge needs two generators and a key",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestApplicationSetLimit(t *testing.T) {
	t.Parallel()
	var elements strings.Builder
	for i := range 1100 {
		fmt.Fprintf(&elements, "{name: eu, server: 'https://%d'},", i)
	}
	fsys := tree(set("generators:\n- list: {elements: ["+elements.String()+"]}", strings.ReplaceAll(simple, "app-{{name}}", "{{server}}"), apps))
	got := lines(fsys, resources(fsys))
	if len(got) != 1001 || !strings.HasSuffix(got[1000], "it generates more than 1000 Applications") {
		t.Errorf("%d lines, the last %q", len(got), got[len(got)-1])
	}
}
