package report

import (
	"io"

	"github.com/ekslint/ekslint/pkg/analyzer"
)

// Format is a way to write a report.
type Format struct {
	// Name is what a user calls it.
	Name string
	// Write writes a report whole.
	Write func(io.Writer, analyzer.Report, Options) error
}

// Formats returns every format, in the order in which they are named to users.
func Formats() []Format {
	return []Format{
		{"text", Text},
		{"json", JSON},
		{"sarif", SARIF},
		{"junit", JUnit},
		{"github", GitHub},
		{"gitlab", GitLab},
		{"markdown", Markdown},
	}
}
