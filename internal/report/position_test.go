package report

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/model"
)

func TestPosition(t *testing.T) {
	t.Parallel()
	const bom = "\xef\xbb\xbf"
	for name, tt := range map[string]struct {
		text       string
		start, end int
		runes      position
		utf16      position
	}{
		"first":               {"ab\ncd\n", 0, 2, position{1, 1, 1, 3}, position{1, 1, 1, 3}},
		"second line":         {"ab\ncd\n", 4, 5, position{2, 2, 2, 3}, position{2, 2, 2, 3}},
		"no final newline":    {"ab\ncd", 3, 5, position{2, 1, 2, 3}, position{2, 1, 2, 3}},
		"end of file":         {"ab\ncd\n", 6, 6, position{2, 3, 2, 3}, position{2, 3, 2, 3}},
		"beyond the file":     {"ab\ncd\n", 60, 70, position{2, 3, 2, 3}, position{2, 3, 2, 3}},
		"negative":            {"ab", -3, 1, position{1, 1, 1, 2}, position{1, 1, 1, 2}},
		"reversed":            {"abcd", 3, 1, position{1, 4, 1, 4}, position{1, 4, 1, 4}},
		"empty file":          {"", 0, 0, position{1, 1, 1, 1}, position{1, 1, 1, 1}},
		"carriage returns":    {"ab\r\ncd\r\n", 4, 6, position{2, 1, 2, 3}, position{2, 1, 2, 3}},
		"in a line ending":    {"ab\r\ncd\r\n", 3, 3, position{1, 3, 1, 3}, position{1, 3, 1, 3}},
		"byte order mark":     {bom + "ab", 3, 5, position{1, 1, 1, 3}, position{1, 1, 1, 3}},
		"before the mark":     {bom + "ab", 0, 5, position{1, 1, 1, 3}, position{1, 1, 1, 3}},
		"outside the plane":   {"😀é x", 7, 8, position{1, 4, 1, 5}, position{1, 5, 1, 6}},
		"inside characters":   {"é日", 1, 4, position{1, 1, 1, 2}, position{1, 1, 1, 2}},
		"bytes not in UTF-8":  {"\xff\xfex", 2, 3, position{1, 3, 1, 4}, position{1, 3, 1, 4}},
		"many lines":          {"a:\n  b\n  c\n", 0, 11, position{1, 1, 3, 4}, position{1, 1, 3, 4}},
		"only white space":    {"a\n \n\nb", 1, 5, position{1, 2, 1, 2}, position{1, 2, 1, 2}},
		"line of one newline": {"\n\na", 1, 1, position{2, 1, 2, 1}, position{2, 1, 2, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSource([]byte(tt.text))
			span := model.Span{File: "f", Start: tt.start, End: tt.end}
			got := []position{s.position(span, runes), s.position(span, utf16Units)}
			if diff := cmp.Diff([]position{tt.runes, tt.utf16}, got, cmp.AllowUnexported(position{})); diff != "" {
				t.Errorf("runes, utf16 (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLocateWithoutText(t *testing.T) {
	t.Parallel()
	calls := 0
	f := newFiles(Options{Text: func(file string) ([]byte, bool) {
		calls++
		return []byte("a\nb"), file == "known"
	}})
	for range 3 {
		if got := f.locate(model.Span{File: "known", Start: 2, End: 3}, runes); got != (position{2, 1, 2, 2}) {
			t.Errorf("known file: %v", got)
		}
		if got := f.locate(model.Span{File: "unknown", Start: 2, End: 3}, runes); got != (position{1, 1, 1, 1}) {
			t.Errorf("unknown file: %v", got)
		}
		if got := f.locate(model.Span{}, runes); got != (position{}) {
			t.Errorf("no file: %v", got)
		}
	}
	if calls != 2 {
		t.Errorf("texts were asked for %d times, want once a file", calls)
	}
}

func TestShortened(t *testing.T) {
	t.Parallel()
	s := newSource([]byte(strings.Repeat("key: value\n", 30)))
	for lines, want := range map[int]int{1: 1, maxRegionLines: maxRegionLines, maxRegionLines + 1: 1, 30: 1} {
		got := s.position(s.shortened(model.Span{File: "f", End: 11 * lines}), runes)
		if got.endLine != want || got.endColumn != 11 {
			t.Errorf("%d lines: ends at %d:%d, want line %d", lines, got.endLine, got.endColumn, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 200) + "HERE" + strings.Repeat("z", 200)
	for name, tt := range map[string]struct{ text, span, line, mark string }{
		"plain":      {"a: b\n", "b", "a: b", "   ^"},
		"tabs":       {"\ta:\tb\n", "b", "\ta:\tb", "\t  \t^"},
		"wide":       {"日本: x\n", "x", "日本: x", "      ^"},
		"combining":  {"e\u0301: x\n", "x", "e\u0301: x", "   ^"},
		"two lines":  {"a:\n  b: 1\n", "a:\n  b", "a:", "^^"},
		"CRLF":       {"a: b\r\nc: d\r\n", "b", "a: b", "   ^"},
		"line end":   {"a: b  \nc\n", "  \n", "a: b", "    ^"},
		"control":    {"a: \x1b[31m\n", "[31m", "a: \ufffd[31m", "    ^^^^"},
		"zero width": {"a\u0301b\n", "\u0301", "a\u0301b", " ^"},
		"blank":      {"\n   \nx\n", "   ", "", ""},
		"long":       {long, "HERE", "…" + strings.Repeat("é", 40) + "HERE" + strings.Repeat("z", 116) + "…", strings.Repeat(" ", 41) + "^^^^"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := strings.Index(tt.text, tt.span)
			if start < 0 {
				t.Fatal("the span is not in the text")
			}
			line, mark := newSource([]byte(tt.text)).excerpt(model.Span{File: "f", Start: start, End: start + len(tt.span)})
			if line != tt.line || mark != tt.mark {
				t.Errorf("got\n%q\n%q\nwant\n%q\n%q", line, mark, tt.line, tt.mark)
			}
		})
	}
}

func FuzzPosition(f *testing.F) {
	f.Add([]byte("\xef\xbb\xbfa: b\r\n\tc: 😀\n"), 3, 12)
	f.Add([]byte("\n\n"), 1, 9)
	f.Add([]byte(strings.Repeat("\xff日", 100)), 250, 300)
	f.Fuzz(func(t *testing.T, text []byte, start, end int) {
		s := newSource(text)
		span := model.Span{File: "f", Start: start, End: end}
		for _, unit := range []columnUnit{runes, utf16Units} {
			p := s.position(span, unit)
			lines := bytes.Count(text, []byte("\n")) + 1
			if p.line < 1 || p.line > lines || p.column < 1 || p.endLine < p.line || p.endLine > lines || p.endColumn < 1 {
				t.Fatalf("position %+v of %d lines", p, lines)
			}
			if p.line == p.endLine && p.endColumn < p.column {
				t.Fatalf("position %+v ends before it starts", p)
			}
		}
		line, mark := s.excerpt(span)
		if !utf8.ValidString(line) || strings.ContainsAny(line+mark, "\n\r\x1b") {
			t.Fatalf("excerpt %q, %q", line, mark)
		}
		if (line == "") != (mark == "") || utf8.RuneCountInString(line) > maxColumns+2 {
			t.Fatalf("excerpt %q, %q", line, mark)
		}
		if mark != "" && !strings.Contains(mark, "^") {
			t.Fatalf("no mark below %q", line)
		}
	})
}
