package helm_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ekslint/ekslint/pkg/loader/helm"
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestPositions writes random templates in which each key carries the number of the
// line that writes it, and finds the keys of what they render to on these lines.
func TestPositions(t *testing.T) {
	t.Parallel()
	found := 0
	for seed := range uint64(500) {
		w := &writer{rand: rand.New(rand.NewPCG(seed, 1))}
		template := w.template()
		got := load(t, chartOf(template, "v: word\nlist: [a, b, c]\nmap: {m1: x, m2: y}\nyes: true\n"), "chart", helm.Options{})
		for _, p := range got.Problems {
			t.Fatalf("seed %d: %v in\n%s", seed, p, template)
		}
		for _, part := range got.Parts {
			if part.File != "chart/templates/a.yaml" {
				continue
			}
			for _, p := range part.Fragment.Problems {
				if !strings.Contains(p.Message, "stands") {
					t.Fatalf("seed %d: %v in\n%s", seed, p, template)
				}
			}
			for _, r := range part.Fragment.Resources {
				found += checkLines(t, seed, template, got, r)
			}
		}
	}
	if found < 3000 {
		t.Errorf("%d positions were looked at, too few to tell anything", found)
	}
}

// checkLines compares the line of each key l12-... with the number in it.
func checkLines(t *testing.T, seed uint64, template string, got helm.Result, r *model.Resource) int {
	t.Helper()
	found := 0
	for _, leaf := range leaves(r) {
		key := leaf.path[len(leaf.path)-1]
		number, _, ok := strings.Cut(strings.TrimPrefix(key, "l"), "-")
		want, err := strconv.Atoi(number)
		if !ok || err != nil {
			continue
		}
		found++
		for _, part := range []model.Part{model.PartKey, model.PartValue} {
			at, _ := r.Source.Locate(leaf.path, part)
			text := got.Texts[at.File]
			line := 1 + strings.Count(string(text[:at.Start]), "\n")
			if line != want || at.Inexact {
				t.Errorf("seed %d: %s (part %d) is said to be on line %d, inexact %v:\n%s", seed, key, part, line, at.Inexact, template)
			}
			covered := string(text[at.Start:at.End])
			if part == model.PartValue && !strings.Contains(covered, "{{") && covered != leaf.value {
				t.Errorf("seed %d: %s is said to be %q, is %q:\n%s", seed, key, covered, leaf.value, template)
			}
			if strings.HasSuffix(covered, `"}}`) {
				t.Errorf("seed %d: %s ends within an action: %q", seed, key, covered)
			}
			if part == model.PartKey && !strings.Contains(covered, "{{") && covered != key {
				t.Errorf("seed %d: the key %s is said to be %q:\n%s", seed, key, covered, template)
			}
		}
	}
	return found
}

// writer writes a template line by line. All keys are under data of a ConfigMap.
type writer struct {
	rand *rand.Rand
	out  strings.Builder
	line int
	crlf bool
	key  int
}

func (w *writer) template() string {
	w.crlf = w.rand.IntN(4) == 0
	if w.rand.IntN(4) == 0 {
		w.out.WriteString("\ufeff")
	}
	w.put("apiVersion: v1")
	w.put("kind: ConfigMap")
	w.put("metadata:")
	w.put("  name: x")
	w.put("data:")
	w.put("  a: b")
	w.block(0)
	if w.rand.IntN(3) == 0 {
		w.put("---")
		w.put("apiVersion: v1")
		w.put("kind: ConfigMap")
		w.put("metadata: {name: y}")
		w.put("data:")
		w.put("  a: b")
		w.block(0)
	}
	return w.out.String()
}

func (w *writer) put(line string) {
	w.out.WriteString(line)
	if w.crlf {
		w.out.WriteByte('\r')
	}
	w.out.WriteByte('\n')
	w.line++
}

// entry is a key with the number of the next line, and a value.
func (w *writer) entry() string {
	w.key++
	key := fmt.Sprintf("l%d-%d", w.line+1, w.key)
	switch w.rand.IntN(7) {
	case 0:
		return key + ": {{ $.Values.v }}"
	case 1:
		return key + `: "{{ $.Values.v }} and {{ $.Values.v | upper -}} "`
	case 2:
		return key + `: {{ "}}" | quote }}`
	case 3:
		return `{{ "` + key + `" }}: x`
	case 4:
		return key + ": {{- /* nothing */}} plain # comment"
	case 5:
		return key + `: {{ $x := "y" }}z{{ $x }}`
	default:
		return key + ": plain" + strconv.Itoa(w.key)
	}
}

func (w *writer) block(depth int) {
	for range 1 + w.rand.IntN(5) {
		w.statement(depth)
	}
}

func (w *writer) statement(depth int) {
	if depth > 3 {
		w.put("  " + w.entry())
		return
	}
	switch w.rand.IntN(11) {
	case 0:
		w.around(depth, "if $.Values.yes")
	case 1:
		w.put("  {{- if $.Values.no }}")
		w.block(depth + 1)
		w.put("  {{- else }}")
		w.block(depth + 1)
		w.put("  {{- end }}")
	case 2:
		w.around(depth, "with $.Values.v")
	case 3:
		// Keys of a loop are made different by its element.
		w.put("  {{- range $i, $e := $.Values.list }}")
		w.key++
		w.put(fmt.Sprintf("  l%d-%d-{{ $e }}: {{ $i }}x", w.line+1, w.key))
		w.put("  {{- end }}")
	case 4:
		w.key++
		w.put(fmt.Sprintf(`  {{- dict "l%d-%d" "x" "l%d-%dy" "z" | toYaml | nindent 2 }}`, w.line+1, w.key, w.line+1, w.key))
	case 5:
		w.key++
		w.put(fmt.Sprintf(`  {{- printf "l%d-%d: a\nl%d-%dy: b" | nindent 2 }}`, w.line+1, w.key, w.line+1, w.key))
	case 6:
		w.put("")
	case 7:
		w.put("  {{/* a comment */}}")
	case 8:
		w.put(`  {{- $z := printf "q" -}}`)
		w.put("")
		w.put("  # the blanks before this line are gone {{ $z }}")
	default:
		w.put("  " + w.entry())
	}
}

func (w *writer) around(depth int, head string) {
	if w.rand.IntN(2) == 0 {
		// The blanks before the action are the indentation of the next line.
		w.put("  {{ " + head + " -}}")
		w.put("  " + w.entry())
		w.block(depth + 1)
		w.put("  {{ end -}}")
		w.put("  " + w.entry())
		return
	}
	w.put("  {{- " + head + " }}")
	w.block(depth + 1)
	w.put("  {{- end }}")
}

func TestRandomValuesAreUnknown(t *testing.T) {
	t.Parallel()
	template := `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata:
    name: a
    labels: {random: {{ randAlphaNum 8 }}, hash: "{{ now | toString | sha256sum }}", fixed: x}
  spec: {ports: [{port: 80}, {port: {{ randInt 1 9 }}}]}
- apiVersion: v1
  kind: Service
  metadata: {name: b, labels: {order: {{ keys (dict "a" 1 "b" 2) | sortAlpha | join "-" }}, unsorted: {{ keys (dict "a" 1 "b" 2) | join "-" }}}}
`
	got := load(t, chartOf(template, ""), "chart", helm.Options{})
	var paths []string
	for _, part := range got.Parts {
		for _, r := range part.Fragment.Resources {
			for _, u := range r.Unknown {
				paths = append(paths, r.Ref.Name+" "+u.String())
			}
		}
	}
	want := "a metadata.labels.hash, a metadata.labels.random, a spec.ports[1].port, b metadata.labels.unsorted"
	if got := strings.Join(paths, ", "); got != want {
		t.Errorf("unknown: %s\nwant:    %s", got, want)
	}
}

// TestUnsetValuesAreUnknown: what a template prints of a value that nobody has set is for
// the user to fill in, unless the template has an answer of its own.
func TestUnsetValuesAreUnknown(t *testing.T) {
	t.Parallel()
	const values = "empty: ''\nset: x\nzero: 0\nnone: null\nmap: {}\n"
	for action, want := range map[string]bool{
		`{{ .Values.set }}`: false, `"{{ .Values.zero }}"`: false, `{{ .Values.map | toYaml | quote }}`: false, `{{ .Values.missing | toYaml }}`: false,
		`{{ .Values.missing }}`: true, `{{ .Values.empty }}`: true, `{{ .Values.none }}`: true, `{{ $.Values.map.key }}`: true,
		`{{ .Values.missing | quote }}`: true, `{{ quote .Values.empty }}`: true, `"{{ .Values.set }}-{{ .Values.empty }}"`: true,
		`{{ printf "%v-%v" .Values.set .Values.missing | trunc 63 }}`: true, `{{ int .Values.missing }}`: true, `{{ upper (trim .Values.empty) }}`: true,
		`{{ .Values.missing | default "y" }}`: false, `{{ default "y" .Values.empty }}`: false, `{{ coalesce .Values.empty .Values.set }}`: false,
		`{{ if .Values.empty }}a{{ else }}b{{ end }}`: false, `{{ with .Values.set }}{{ $.Values.empty | quote }}{{ end }}`: true,
		`{{ range list 1 }}{{ $.Values.missing }}{{ end }}`: true, `{{ $x := .Values.missing }}c`: false, `{{ include "help" . }}`: true,
		`{{ if true }}{{ .Values.empty }}{{ else }}d{{ end }}`: true, `{{ tpl "{{ .Values.empty }}" . }}`: true, `{{ required "no" .Values.set }}`: false,
	} {
		template := "{{ define \"help\" }}{{ .Values.empty }}{{ end }}apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  key: " + action + "\n  other: z\n"
		got := load(t, chartOf(template, values), "chart", helm.Options{})
		var r *model.Resource
		for _, p := range got.Parts {
			for _, found := range p.Fragment.Resources {
				if found.Ref.Name == "x" {
					r = found
				}
			}
		}
		if r == nil {
			t.Fatalf("%s: %v", action, got.Problems)
		}
		if r.IsUnknown("data", "key") != want || r.IsUnknown("data", "other") {
			t.Errorf("%s: unknown: %v", action, r.Unknown)
		}
	}
}

// TestOpenValuesAreUnknown: what depends on a key that the chart leaves open is unknown,
// and so is an object that is only there with or without it.
func TestOpenValuesAreUnknown(t *testing.T) {
	t.Parallel()
	const template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  a: {{ if .Values.open.host }}{{ .Values.open.host }}{{ else }}none{{ end }}\n" +
		"  b: {{ if .Values.empty }}some{{ else }}none{{ end }}\n  c: z\n{{ if .Values.full }}  d: y\n{{ end }}"
	for name, given := range map[string]string{"open": "", "given": "open: {host: h}"} {
		o := helm.Options{}
		if given != "" {
			o.Values = []helm.Values{{File: "v.yaml", Text: []byte(given)}}
		}
		got := load(t, chartOf(template, "open: {host: }\nempty: ''\nfull: x\n"), "chart", o)
		for _, p := range got.Parts {
			for _, r := range p.Fragment.Resources {
				if r.Ref.Name != "x" {
					continue
				}
				if r.IsUnknown("data", "a") != (given == "") || r.IsUnknown("data", "b") || r.IsUnknown("data", "c") || r.IsUnknown("data", "d") {
					t.Errorf("%s: unknown: %v", name, r.Unknown)
				}
			}
		}
	}
}

// TestUnknownNamespace: an object in the namespace of the release has none when nobody
// knows that, and what else depends on it is unknown.
func TestUnknownNamespace(t *testing.T) {
	t.Parallel()
	const template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: {{ .Release.Namespace }}}\ndata:\n  a: web.{{ .Release.Namespace }}.svc\n  b: c\n"
	for namespace, want := range map[string][]model.Path{"": {{"data", "a"}}, "shop": nil} {
		got := load(t, chartOf(template, ""), "chart", helm.Options{Namespace: namespace})
		for _, p := range got.Parts {
			for _, r := range p.Fragment.Resources {
				if r.Ref.Name == "x" && (r.Ref.Namespace != namespace || !slices.EqualFunc(r.Unknown, want, slices.Equal)) {
					t.Errorf("in %q: %v, unknown %v", namespace, r.Ref, r.Unknown)
				}
			}
		}
	}
}

// TestUnsetIsNotSaid: an error names the action as it is written.
func TestUnsetIsNotSaid(t *testing.T) {
	t.Parallel()
	got := load(t, chartOf("a: {{ quote .Values.a.b.c }}", "a: {}"), "chart", helm.Options{})
	for _, p := range got.Problems {
		if strings.Contains(p.Message, "ekslint") || !strings.Contains(p.Message, ".Values.a.b.c") {
			t.Errorf("the problem is: %s", p.Message)
		}
	}
	if len(got.Problems) != 1 {
		t.Errorf("%d problems", len(got.Problems))
	}
}

// TestChecksum: a checksum of a template with markers is another one, and still a line.
func TestChecksum(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		`sum: {{ include "test/templates/z.yaml" . | sha256sum }}`:                     "{{ include \"test/templates/z.yaml\" . | sha256sum }}",
		`sum: x{{ len (include "test/templates/z.yaml" .) }}`:                          "sum: x{{ len (include \"test/templates/z.yaml\" .) }}",
		`sum: {{ include "test/templates/z.yaml" . }}`:                                 "{{ include \"test/templates/z.yaml\" . }}",
		`sum: {{ if contains "\x01" (include "test/templates/z.yaml" .) }}a{{ end }}x`: `sum: {{ if contains "\x01" (include "test/templates/z.yaml" .) }}a{{ end }}x`,
	} {
		text := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  " + template + "\n  l6-: z\n"
		got := load(t, chartOf(text, "a: AAAAAAAA"), "chart", helm.Options{})
		for _, r := range got.Parts[len(got.Parts)-2].Fragment.Resources {
			at := r.Locate(model.Path{"data", "sum"}, model.PartValue)
			if covered := string(got.Texts[at.File][at.Start:at.End]); covered != want || at.Inexact {
				t.Errorf("%s: at %q, inexact %v", template, covered, at.Inexact)
			}
			checkLines(t, 0, text, got, r)
		}
	}
}

// TestUncertain: what renders to other lines with markers is not certain, nor is a text
// that does not stand in the rendering as it stands in the template.
func TestUncertain(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"apiVersion: v1\nkind: Service\nmetadata: {name: x}\n{{ if contains \"\x02\" (include \"test/templates/z.yaml\" .) }}\n\n{{ end }}",
		"# <no value>\napiVersion: v1\nkind: Service\nmetadata: {name: x}\n",
		"apiVersion: v1\nkind: Service\nmetadata: {name: x}\n# \x01",
		"apiVersion: v1\nkind: Service\nmetadata: {name: x}\n# {{ printf \"%c4.0%c\" 1 2 }}",
	} {
		got := load(t, chartOf(text, "a: A"), "chart", helm.Options{})
		found := false
		for _, part := range got.Parts {
			for _, r := range part.Fragment.Resources {
				found = true
				at := r.Locate(model.Path{"kind"}, model.PartValue)
				if !at.Inexact || at.Start != 0 {
					t.Errorf("%q: kind is said to be at %v", text, at)
				}
			}
		}
		if isYAML := !strings.Contains(text, "\x01") && !strings.Contains(text, "%c"); isYAML && !found {
			t.Errorf("%q renders to nothing", text)
		}
	}
}

// TestEndBeforeStart: an object that a loop begins in one round and ends in the next.
func TestEndBeforeStart(t *testing.T) {
	t.Parallel()
	text := "apiVersion: v1\nkind: List\nitems: [ {{- range $i, $n := list \"a\" \"b\" }}\n" +
		"  {{- if $i }}}, {{ end }}{apiVersion: v1, kind: Service, metadata: {name: {{ $n }}}\n  {{- end }} } ]\n"
	got := load(t, chartOf(text, ""), "chart", helm.Options{})
	if names := refs(got); names != "Service a, Service b" {
		t.Fatalf("objects %s, problems %v", names, got.Problems)
	}
	for _, part := range got.Parts {
		for _, r := range part.Fragment.Resources {
			at := r.Source.Extent()
			if covered := text[at.Start:at.End]; !strings.HasPrefix(covered, "{apiVersion: v1, kind: Service, metadata: {name: {{ $n }}}") {
				t.Errorf("%s is said to be at %q", r.Ref, covered)
			}
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, name := range []string{"deployment.yaml", "ingress.yaml", "service.yaml", "config.yaml"} {
		text, err := os.ReadFile("testdata/shop/templates/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "replicaCount: 1\ningress: {enabled: true, hosts: [{host: a, paths: [b]}]}\n")
	}
	f.Add("kind: Service\nmetadata: {name: {{ randAlphaNum 5 }}}\napiVersion: v1", "a: {{")
	f.Add("\x01{{ include \"lines\" . }}\r\n---\n{{- tpl .Values.a . -}}", "a: '{{ .Values.a }}'")
	f.Add("{{ range until 3 -}} x\n{{- end }}{{ \"}}\" }}{{ define \"q\" }}{{ end }}", "")
	f.Fuzz(func(t *testing.T, template, values string) {
		fsys := chartOf(template, values)
		first := helm.Load(t.Context(), fsys, "chart", helm.Options{}, manifest.NewReader(nil))
		second := helm.Load(t.Context(), fsys, "chart", helm.Options{}, manifest.NewReader(nil))
		if a, b := dump(t, first), dump(t, second); a != b {
			t.Errorf("two results:\n%s\n%s", a, b)
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	fsys := os.DirFS("testdata")
	reader := manifest.NewReader(nil)
	b.Run("shop", func(b *testing.B) {
		for b.Loop() {
			helm.Load(b.Context(), fsys, "shop", helm.Options{}, reader)
		}
	})
	wide := chartOf("", "")
	text, err := os.ReadFile("testdata/shop/templates/service.yaml")
	if err != nil {
		b.Fatal(err)
	}
	helpers, err := os.ReadFile("testdata/shop/templates/_helpers.tpl")
	if err != nil {
		b.Fatal(err)
	}
	wide["chart/templates/_helpers.tpl"] = wide["chart/templates/a.yaml"]
	wide["chart/templates/_helpers.tpl"].Data = helpers
	values := "service: {type: NodePort, port: 80}\n"
	wide["chart/values.yaml"].Data = []byte(values)
	for i := range 20 {
		copied := *wide["chart/templates/_helpers.tpl"]
		copied.Data = text
		wide[fmt.Sprintf("chart/templates/%d.yaml", i)] = &copied
	}
	delete(wide, "chart/templates/a.yaml")
	b.Run("20 templates", func(b *testing.B) {
		for b.Loop() {
			helm.Load(b.Context(), wide, "chart", helm.Options{}, reader)
		}
	})
	b.Run("20 templates, positions asked for", func(b *testing.B) {
		for b.Loop() {
			got := helm.Load(b.Context(), wide, "chart", helm.Options{}, reader)
			for _, part := range got.Parts {
				for _, r := range part.Fragment.Resources {
					r.Source.Extent()
				}
			}
		}
	})
}
