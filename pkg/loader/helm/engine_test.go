package helm_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/helm"
)

const corpus = "../../../../shared/corpus"

// TestCorpus renders every chart of public repositories. What Helm's own engine renders
// is the same here, but for the partials that these copies lack.
func TestCorpus(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(corpus); err != nil {
		t.Skipf("no public repositories in %s", corpus)
	}
	fsys := os.DirFS(corpus)
	charts, resources, problems, opaque, same, places, inexact := 0, 0, 0, 0, 0, 0, 0
	for _, dir := range chartsIn(t, fsys) {
		got := load(t, fsys, dir, helm.Options{})
		dump(t, got)
		charts++
		problems += len(got.Problems)
		opaque += len(got.Opaque)
		for _, part := range got.Parts {
			resources += len(part.Fragment.Resources)
			problems += len(part.Fragment.Problems)
			for _, r := range part.Fragment.Resources {
				places++
				if r.Source.Extent().Inexact {
					inexact++
				}
			}
		}
		for _, p := range got.Problems {
			t.Logf("%s: %s", p.At.File, p.Message)
		}
		if equal(t, fsys, dir) {
			same++
		}
	}
	t.Logf("%d charts, %d resources (%d of %d places not certain), %d problems, %d opaque; %d charts as Helm renders them",
		charts, resources, inexact, places, problems, opaque, same)
}

func chartsIn(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(fsys, ".", func(name string, _ fs.DirEntry, err error) error {
		if path.Base(name) == "Chart.yaml" {
			out = append(out, path.Dir(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// equal compares with Helm's engine, which renders a chart as a whole or not at all.
func equal(t *testing.T, fsys fs.FS, dir string) bool {
	t.Helper()
	ours, theirs, failures, err := helm.Both(t.Context(), fsys, dir)
	switch {
	case err == nil && len(failures) > 0:
		t.Errorf("%s: Helm renders all of it, and here fail %v", dir, failures)
	case err != nil && len(failures) == 0 && ours != nil && !strings.Contains(err.Error(), "parse error"):
		t.Errorf("%s: Helm says %v", dir, err)
	case err == nil:
		for name := range theirs {
			if strings.HasPrefix(path.Base(name), "_") {
				delete(theirs, name)
			}
		}
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Errorf("%s: -helm +ours:\n%s", dir, diff)
		}
	}
	return err == nil
}

func TestRendersAsHelmDoes(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"shop", "broken"} {
		equal(t, os.DirFS("testdata"), dir)
	}
	for i, template := range []string{
		`{{ .Values.a.b | toYaml }} {{ toJson .Values }} {{ .Values.none }} {{ .Values.a.none }}`,
		`{{ toToml .Values.a }}{{ fromToml "a = 1" }}{{ mustToToml .Values.a }}{{ fromToml "=" }}`,
		`{{ fromYaml "a: [1]" }}{{ fromYaml "a: [" }}{{ fromYamlArray "[1, b]" }}{{ fromYamlArray "{" }}{{ toYamlPretty .Values }}{{ mustToYaml .Values }}`,
		`{{ fromJson "{\"a\": 1.5}" }}{{ fromJson "[" }}{{ fromJsonArray "[1, 2]" }}{{ fromJsonArray "{" }}{{ mustToJson .Values }}`,
		`{{ durationSeconds "90m" }} {{ durationMinutes 90 }} {{ durationHours "1.5" }} {{ durationDays "36h" }} {{ durationWeeks "x" }}`,
		`{{ durationMilliseconds "2s" }} {{ durationMicroseconds 2 }} {{ durationNanoseconds 1.5 }} {{ mustToDuration "1m" }} {{ mustToDuration "" }}`,
		`{{ durationRoundTo "1h29m" "1h" }} {{ durationTruncateTo "1h59m" "1h" }} {{ durationRoundTo "1h29m" "x" }}`,
		`{{ mustToDuration "x" }}`, `{{ mustToDuration nil }}`,
		`{{ repeat 3 "ab" }}{{ replace "a" "bb" "banana" }}{{ replace "" "-" "abc" }}{{ indent 2 "a\nb" }}{{ nindent 2 "a\nb" }}`,
		`{{ repeat -1 "a" }}`, `{{ indent -1 "a" }}`, `{{ nindent -1 "a" }}`,
		`{{ until 3 }}{{ until -3 }}{{ untilStep 0 10 3 }}{{ untilStep 10 0 -3 }}{{ untilStep 0 10 0 }}{{ untilStep 0 10 -1 }}{{ untilStep 10 0 1 }}`,
		`{{ seq }}|{{ seq 3 }}|{{ seq -3 }}|{{ seq 2 5 }}|{{ seq 5 2 }}|{{ seq 0 2 10 }}|{{ seq 10 -2 0 }}|{{ seq 10 2 0 }}|{{ seq 1 2 3 4 }}|{{ seq 0 3 10 }}|{{ seq 0 0 3 }}`,
		`{{ print 1 "a" 2 3 }}{{ printf "%d-%s" 1 "x" }}{{ println "a" }}{{ cat "a" 1 nil }}{{ join "," (list 1 2) }}{{ concat (list 1) (list 2) }}{{ append (list 1) 2 }}{{ prepend (list 1) 2 }}{{ mustAppend (list 1) 2 }}`,
		`{{ mustAppend "x" 2 }}`, `{{ append "x" 2 }}`, `{{ fail "no" }}`, `{{ required "no" "" }}`, `{{ required "no" .Values.a }}`, `{{ required "no" 0 }}`,
		`{{ env "HOME" }}`, `{{ expandenv "$HOME" }}`, `[{{ getHostByName "localhost" }}]{{ lookup "v1" "Pod" "" "" }}`,
		`{{ tpl "{{ define \"in\" }}x{{ end }}{{ include \"in\" . }}{{ tpl \"{{ .Values.a }}\" . }}" . }}{{ include "in" . }}`,
		`{{ tpl "{{ define \"in\" }}x{{ end }}{{ include \"in\" . }}{{ tpl \"{{ .Values.a }}{{ .Values.nope }}\" . }}" . }}`,
		`{{ tpl "" . }}{{ tpl " " . }}{{ tpl "{{ .x }" . }}`, `{{ tpl "{{ fail \"inner\" }}" . }}`,
		`{{ define "a" }}1{{ end }}{{ define "b" }} {{ end }}{{ include "a" . }}{{ template "b" }}{{ block "c" . }}2{{ end }}`,
		`{{ .Files.Get "f.txt" }}{{ .Files.Lines "f.txt" }}{{ (.Files.Glob "*.txt").AsConfig }}{{ (.Files.Glob "*.txt").AsSecrets }}{{ .Files.Get "no" }}{{ range $k, $v := .Files.Glob "f*" }}{{ $k }}={{ toString $v }}{{ end }}`,
		`{{ .Chart.Name }}{{ .Chart.IsRoot }}{{ .Release.Name }}{{ .Release.Service }}{{ .Template.Name }}{{ .Template.BasePath }}{{ .Capabilities.KubeVersion.Minor }}{{ .Capabilities.APIVersions.Has "networking.k8s.io/v1/Ingress" }}{{ .Subcharts.sub.Values.x }}`,
		`{{ $_ := set .Values "a" "changed" }}{{ .Values.a }}`, `{{ $x := 1 }}{{ range until 3 }}{{ $x = add $x . }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ break }}{{ end }}{{ $x }}`,
		`{{ keys .Values | sortAlpha }}{{ range $i, $e := list 1 2 }}{{ else }}{{ end }}{{ with nil }}a{{ else with 1 }}{{ . }}{{ end }}`,
		`{{ ekslintEnter }}`, `{{ ekslintStep }}`, `{{ nope }}`, `{{ if }}`, `{{ "a" | nope }}`, `{{/* c */ -}} x {{- /* c */}}`,
		`{{ .Values.list | first }}{{ index .Values.list 7 }}`, `{{ "<no value>" }}`, `{{ template "none" }}`, `{{ include "none" . }}`,
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			equal(t, chartOf(template, "a: {b: [1, x]}\nlist: [1]\nsub: {x: y}\n"), "chart")
		})
	}
}

// chartOf is a chart of one template, with a subchart and a partial.
func chartOf(template, values string) fstest.MapFS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return fstest.MapFS{
		"chart/Chart.yaml":                  file("apiVersion: v2\nname: test\nversion: 0.1.0\n"),
		"chart/values.yaml":                 file(values),
		"chart/f.txt":                       file("one\ntwo\n"),
		"chart/templates/_h.tpl":            file("{{ define \"a\" }}partial{{ end }}{{ define \"lines\" }}k1: a\nk2: b{{ end }}"),
		"chart/templates/a.yaml":            file(template),
		"chart/templates/z.yaml":            file("{{ .Values.a }}"),
		"chart/charts/sub/templates/_h.tpl": file("{{ define \"a\" }}of the subchart{{ end }}"),
		"chart/charts/sub/Chart.yaml":       file("apiVersion: v2\nname: sub\nversion: 0.1.0\n"),
		"chart/charts/sub/templates/b.yaml": file("{{ .Values | toYaml }}{{ .Chart.IsRoot }}{{ include \"a\" . }}{{ .Template.Name }}"),
	}
}

// TestNoFunctionIsMissing asks Helm's engine whether it knows more functions.
func TestNoFunctionIsMissing(t *testing.T) {
	t.Parallel()
	for _, name := range strings.Fields(documented) {
		_, _, failures, err := helm.Both(t.Context(), chartOf("{{ if false }}{{ "+name+" }}{{ end }}", ""), "chart")
		if err != nil {
			t.Errorf("%s: Helm says %v", name, err)
		}
		if slices.Contains(failures, "test/templates/a.yaml") {
			t.Errorf("%s is not known here", name)
		}
	}
}

const documented = `and or not eq ne lt le gt ge default required empty fail coalesce ternary print println printf trim trimAll
trimPrefix trimSuffix lower upper title untitle repeat substr nospace trunc abbrev abbrevboth initials randAlphaNum randAlpha
randNumeric randAscii wrap wrapWith contains hasPrefix hasSuffix quote squote cat indent nindent replace plural snakecase
camelcase kebabcase swapcase shuffle fromJson fromJsonArray fromYaml fromYamlArray fromToml toJson mustToJson toPrettyJson
mustToPrettyJson toRawJson mustToRawJson toYaml mustToYaml toYamlPretty toToml mustToToml regexFind mustRegexFind regexFindAll
mustRegexFindAll regexMatch mustRegexMatch regexReplaceAll mustRegexReplaceAll regexReplaceAllLiteral regexSplit sha1sum
sha256sum adler32sum htpasswd derivePassword genPrivateKey genCA genSelfSignedCert genSignedCert encryptAES decryptAES now ago
date dateInZone dateModify mustDateModify duration durationRound htmlDate htmlDateInZone toDate mustToDate unixEpoch dict get
set unset hasKey pluck keys pick omit values merge mustMerge mergeOverwrite mustMergeOverwrite deepCopy mustDeepCopy dig b64enc
b64dec b32enc b32dec list first mustFirst rest mustRest last mustLast initial mustInitial append mustAppend prepend mustPrepend
concat reverse mustReverse uniq mustUniq without mustWithout has mustHas compact mustCompact index slice mustSlice until
untilStep seq chunk add add1 sub div mod mul max min len addf add1f subf divf mulf maxf minf floor ceil round lookup
getHostByName base dir clean ext isAbs kindOf kindIs typeOf typeIs typeIsLike deepEqual semver semverCompare urlParse urlJoin
urlquery uuidv4 include tpl toString toStrings toDecimal atoi float64 int int64 randInt randBytes bcrypt osBase osDir osExt
split splitn splitList sortAlpha join all any tuple hello regexQuoteMeta biggest sha512sum buildCustomCert genCAWithKey
genSelfSignedCertWithKey genSignedCertWithKey mustToDuration durationSeconds durationMilliseconds durationMicroseconds
durationNanoseconds durationMinutes durationHours durationDays durationWeeks durationRoundTo durationTruncateTo`
