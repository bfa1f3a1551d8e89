package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

const (
	wantFile = "want.txt"
	// maxExample is the size in bytes above which a file is named and not shown.
	maxExample = 4096
)

// example is the first bad case of a rule.
type example struct {
	files []exampleFile
	want  string
}

type exampleFile struct {
	name, text string
	// tooLarge is set when the text is left out.
	tooLarge bool
}

// exampleOf reads testdata/rules/<ID>/bad/<first case>; without one the example
// is empty.
func exampleOf(repo fs.FS, id string) (example, error) {
	var out example
	bad := path.Join("testdata/rules", id, "bad")
	cases, err := fs.ReadDir(repo, bad)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return out, fmt.Errorf("read example: %w", err)
	}
	for _, c := range cases {
		if !c.IsDir() {
			continue
		}
		folder, err := fs.Sub(repo, path.Join(bad, c.Name()))
		if err != nil {
			return out, fmt.Errorf("read example: %w", err)
		}
		err = fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return out.add(folder, name)
		})
		return out, err
	}
	return out, nil
}

func (e *example) add(folder fs.FS, name string) error {
	data, err := fs.ReadFile(folder, name)
	if err != nil {
		return fmt.Errorf("read example: %w", err)
	}
	if name == wantFile {
		e.want = string(data)
		return nil
	}
	file := exampleFile{name: name, text: string(data)}
	if len(data) > maxExample || !utf8.Valid(data) {
		file.text, file.tooLarge = "", true
	}
	e.files = append(e.files, file)
	return nil
}

func (e example) write(b *strings.Builder) {
	if len(e.files) == 0 {
		return
	}
	b.WriteString("\n## Example\n")
	for _, f := range e.files {
		if f.tooLarge {
			fmt.Fprintf(b, "\n`%s` (not shown)\n", f.name)
			continue
		}
		fmt.Fprintf(b, "\n`%s`\n\n", f.name)
		fence(b, syntaxOf(f.name), f.text)
	}
	if e.want != "" {
		b.WriteString("\nekslint reports:\n\n")
		fence(b, "text", e.want)
	}
}

// fence writes a code block whose fence is longer than any in the text.
func fence(b *strings.Builder, syntax, text string) {
	ticks := "```"
	for strings.Contains(text, ticks) {
		ticks += "`"
	}
	fmt.Fprintf(b, "%s%s\n%s\n%s\n", ticks, syntax, strings.TrimRight(text, "\n"), ticks)
}

func syntaxOf(name string) string {
	switch path.Ext(name) {
	case ".yaml", ".yml":
		return "yaml"
	case ".json":
		return "json"
	case ".tf", ".tfvars":
		return "hcl"
	default:
		return "text"
	}
}
