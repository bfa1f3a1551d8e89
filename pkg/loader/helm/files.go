package helm

import (
	"encoding/base64"
	"path"
	"strings"

	"github.com/gobwas/glob"
	"helm.sh/helm/v4/pkg/chart/common"
)

// files is .Files of a template: https://helm.sh/docs/chart_template_guide/accessing_files/
type files map[string][]byte

func newFiles(from []*common.File) files {
	out := make(files, len(from))
	for _, f := range from {
		out[f.Name] = f.Data
	}
	return out
}

// GetBytes is the content of a file, empty when there is none.
func (f files) GetBytes(name string) []byte {
	if text, ok := f[name]; ok {
		return text
	}
	return []byte{}
}

// Get is the content of a file as text.
func (f files) Get(name string) string { return string(f.GetBytes(name)) }

// Glob are the files whose names match; a pattern that is none matches all.
func (f files) Glob(pattern string) files {
	g, err := glob.Compile(pattern, '/')
	out := files{}
	for name, text := range f {
		if err != nil || g.Match(name) {
			out[name] = text
		}
	}
	return out
}

// AsConfig are the files as data of a ConfigMap.
func (f files) AsConfig() string {
	return f.asYAML(func(text []byte) string { return string(text) })
}

// AsSecrets are the files as data of a Secret.
func (f files) AsSecrets() string { return f.asYAML(base64.StdEncoding.EncodeToString) }

func (f files) asYAML(encode func([]byte) string) string {
	if f == nil {
		return ""
	}
	out := make(map[string]string, len(f))
	for name, text := range f {
		out[path.Base(name)] = encode(text)
	}
	return toYAML(out)
}

// Lines are the lines of a file.
func (f files) Lines(name string) []string {
	text := f.Get(name)
	if text == "" {
		return []string{}
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}
