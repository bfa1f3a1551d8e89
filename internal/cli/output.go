package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/pkg/analyzer"
)

// output is one report that is asked for; the name of its file is "" for standard
// output.
type output struct {
	format report.Format
	file   file
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

// formatNames lists the formats of check for people.
func formatNames() string {
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// outputs are the reports of --format, or of the config, whose files are within
// root. Wrong makes the error of the i-th of them.
func outputs(formats []string, root *os.Root, wrong func(i int, format string, args ...any) error) ([]output, error) {
	known := report.Formats()
	var out []output
	stdout := 0
	for at, f := range formats {
		name, path, named := strings.Cut(f, "=")
		i := slices.IndexFunc(known, func(k report.Format) bool { return k.Name == name })
		switch {
		case i < 0:
			return nil, wrong(at, "want %s, not %q", formatNames(), name)
		case named && slices.ContainsFunc(out, func(o output) bool { return o.file.name == path }):
			return nil, wrong(at, "two reports for the file %s", path)
		case named && path == "":
			return nil, wrong(at, "%s: the file name is empty", f)
		case !named:
			stdout++
		}
		if stdout > 1 {
			return nil, wrong(at, "two reports for standard output; write one to a file with FORMAT=FILE")
		}
		out = append(out, output{known[i], file{root: root, name: path}})
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
		if err := out.format.Write(&text, r, own); err != nil {
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
	if err := f.write(text); err != nil {
		return usagef("write report: %w", err)
	}
	return nil
}

// wantsColor: only a terminal gets colour, and NO_COLOR (https://no-color.org) is obeyed.
func wantsColor(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == ""
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) //nolint:gosec // a file descriptor fits an int
}
