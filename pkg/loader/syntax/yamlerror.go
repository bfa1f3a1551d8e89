package syntax

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// yaml.v3 gives the line of an error in its text only. Errors of its scanner
// count lines from 1, those of its parser from 0, and on the first line
// neither is written. Both name the start of the construct they were in.

// parserProblems are the errors whose line counts from 0.
var parserProblems = []string{
	"did not find expected <stream-start>",
	"did not find expected <document start>",
	"did not find expected node content",
	"did not find expected '-' indicator",
	"did not find expected key",
	"did not find expected ',' or ']'",
	"did not find expected ',' or '}'",
	"found undefined tag handle",
	"found duplicate %YAML directive",
	"found duplicate %TAG directive",
	"found incompatible YAML document",
}

var (
	yamlLine      = regexp.MustCompile(`^yaml: line ([0-9]+): `)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '([^']*)' referenced$`)
)

// splitError returns the message of an error and the line it names, 0 for none.
func splitError(err error) (message string, line int) {
	message = err.Error()
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		return message[len(m[0]):], line
	}
	return strings.TrimPrefix(message, "yaml: "), 0
}

func yamlError(text []byte, err error) error {
	starts := lineStarts(text)
	message, _ := splitError(err)
	at := func(line int) error {
		line = min(max(line, 1), len(starts))
		offset := skipBlanks(text, starts[line-1])
		return &Error{Offset: offset, Line: lineAt(text, offset), Message: message}
	}
	if second, ok := errors.AsType[secondDocumentError](err); ok {
		return at(second.line)
	}
	if message == "did not find expected key" || message == "did not find expected '-' indicator" {
		return at(firstLineWith(text, starts, message))
	}
	if line := shiftedLine(text, message); line > 0 {
		return at(line)
	}
	offset := badCharacter(text)
	if m := unknownAnchor.FindStringSubmatch(message); m != nil {
		offset = aliasOffset(text, m[1])
	}
	return &Error{Offset: offset, Line: lineAt(text, offset), Message: message}
}

// shiftedLine parses the text with an empty line before it, so that no error is
// on the line that yaml.v3 does not write, and returns the line in the text.
func shiftedLine(text []byte, message string) int {
	shifted := append([]byte("\n"), bytes.TrimPrefix(text, []byte(bom))...)
	_, err := decodeYAML(bytes.NewReader(shifted))
	if err == nil {
		return 0
	}
	again, line := splitError(err)
	if again != message || line == 0 {
		return 0
	}
	if slices.Contains(parserProblems, message) {
		return line
	}
	return line - 1
}

// firstLineWith returns the first line such that the text up to its end has the
// same error. yaml.v3 names the start of the mapping or list, often the first
// line of the file, and not the entry that is wrong. A text cut off before that
// entry does not have this error, so the line can be searched for. It is most
// often the last one that yaml.v3 had read.
func firstLineWith(text []byte, starts []int, message string) int {
	failing := func(line int) bool {
		end := len(text)
		if line < len(starts) {
			end = starts[line]
		}
		_, err := decodeYAML(bytes.NewReader(text[:end]))
		if err == nil {
			return false
		}
		got, _ := splitError(err)
		return got == message
	}
	high := lastLineRead(text, starts)
	low := high - 1
	for step := 1; low > 0 && failing(low); step *= 2 {
		low, high = low-step, low
	}
	low = max(low, 0)
	return low + 1 + sort.Search(high-low-1, func(i int) bool { return failing(low + 1 + i) })
}

// lastLineRead returns the line that holds the last byte yaml.v3 reads of text.
func lastLineRead(text []byte, starts []int) int {
	r := &byteReader{text: text}
	_, _ = decodeYAML(r) // the error is known
	return max(1, sort.SearchInts(starts, r.read))
}

// byteReader hands out single bytes, so that nothing is read ahead.
type byteReader struct {
	text []byte
	read int
}

func (r *byteReader) Read(p []byte) (int, error) {
	if r.read >= len(r.text) || len(p) == 0 {
		return 0, io.EOF
	}
	p[0] = r.text[r.read]
	r.read++
	return 1, nil
}

// badCharacter returns the offset of the first character that YAML does not
// allow (https://yaml.org/spec/1.1/#id868524), or the end of the text.
func badCharacter(text []byte) int {
	for i := 0; i < len(text); {
		r, w := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && w <= 1,
			r < ' ' && r != '\t' && r != '\n' && r != '\r',
			r >= 0x7F && r < 0xA0 && r != 0x85,
			r == 0xFFFE || r == 0xFFFF:
			return i
		}
		i += w
	}
	return len(text)
}

// aliasOffset returns the first place that looks like the alias, or 0. A string
// or a comment may hold the same text before it.
func aliasOffset(text []byte, name string) int {
	alias := []byte("*" + name)
	for i := 0; i < len(text); i++ {
		at := bytes.Index(text[i:], alias)
		if at < 0 {
			break
		}
		i += at
		end := i + len(alias)
		before := i == 0 || bytes.IndexByte([]byte(" \t\r\n[{,"), text[i-1]) >= 0
		if before && (end == len(text) || !isNameByte(text[end])) {
			return i
		}
	}
	return 0
}
