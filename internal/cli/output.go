package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/pkg/analyzer"
)

// writer writes a report in one format.
type writer func(io.Writer, analyzer.Report, report.Options) error

// output is one report that is asked for; the name of its file is "" for standard
// output.
type output struct {
	write writer
	file  file
}

// file is a file on disk, within a root unless that is nil.
type file struct {
	root *os.Root
	name string
}

func (f file) read() ([]byte, error) {
	if f.root == nil {
		return os.ReadFile(f.name)
	}
	return f.root.ReadFile(f.name)
}

// write makes the file: it is for everyone who may read the folder.
func (f file) write(text []byte) error {
	const mode = 0o644
	if f.root == nil {
		return os.WriteFile(f.name, text, mode) //nolint:gosec // see above
	}
	return f.root.WriteFile(f.name, text, mode)
}

// outputs are the reports of --format, or of the config, whose files are within
// root.
func (e *env) outputs(formats []string, root *os.Root) ([]output, error) {
	writers := map[string]writer{"text": report.Text, "json": report.JSON, "sarif": report.SARIF}
	var out []output
	stdout := 0
	for _, f := range formats {
		name, path, named := strings.Cut(f, "=")
		w, ok := writers[name]
		switch {
		case !ok:
			return nil, usagef("--format: want text, json or sarif, not %q", name)
		case named && path == "":
			return nil, usagef("--format %s: the file name is empty", f)
		case !named:
			stdout++
		}
		out = append(out, output{write: w, file: file{root: root, name: path}})
	}
	if stdout > 1 {
		return nil, usagef("--format: two reports for standard output; write one to a file with FORMAT=FILE")
	}
	return out, nil
}

// write makes each report in memory before any byte goes out, so that a
// failure leaves no half of one.
func (e *env) write(r analyzer.Report, outputs []output, o report.Options) error {
	for _, out := range outputs {
		own := o
		own.Color = o.Color && out.file.name == "" && wantsColor(e.stdout)
		var text bytes.Buffer
		if err := out.write(&text, r, own); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
		if err := e.emit(out.file, text.Bytes()); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	return nil
}

func (e *env) emit(f file, text []byte) error {
	if f.name == "" {
		_, err := e.stdout.Write(text)
		return err
	}
	return f.write(text)
}

// wantsColor: only a terminal gets colour, and NO_COLOR (https://no-color.org) is obeyed.
func wantsColor(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == ""
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) //nolint:gosec // a file descriptor fits an int
}
