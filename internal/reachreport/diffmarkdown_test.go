package reachreport

import (
	"fmt"
	"strings"
	"testing"
)

func TestCode(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"shop/web[Deployment]", "`shop/web[Deployment]`"},
		{"<b>@x</b> #1 *_~", "`<b>@x</b> #1 *_~`"},
		{"a|b", "<code>a&#124;b</code>"},
		{"a`b\\", "<code>a&#96;b&#92;</code>"},
		{"a\n| b", "<code>a &#124; b</code>"},
		{"|[x](https://example.com) www.example.com &amp;", "<code>&#124;&#91;x&#93;(https:&#47;&#47;example&#46;com) www&#46;example&#46;com &#38;amp;</code>"},
		{"", "<code></code>"},
	} {
		if got := code(test.text); got != test.want {
			t.Errorf("%q: got %s, want %s", test.text, got, test.want)
		}
	}
}

// FuzzCode: whatever a name holds, it stays within its cell.
func FuzzCode(f *testing.F) {
	f.Add("a|b`c\n")
	f.Fuzz(func(t *testing.T, s string) {
		got := code(s)
		inner := strings.TrimSuffix(strings.TrimPrefix(got, "`"), "`")
		if got == inner {
			inner = strings.TrimSuffix(strings.TrimPrefix(got, "<code>"), "</code>")
			if strings.ContainsAny(inner, "<>") {
				t.Errorf("%q is markup: %s", s, got)
			}
		}
		if strings.ContainsAny(inner, "|`\\\n\r") {
			t.Errorf("%q leaves its cell: %s", s, got)
		}
	})
}

func TestTableIsCut(t *testing.T) {
	t.Parallel()
	var rows []string
	for i := range maxRows + 2 {
		rows = append(rows, fmt.Sprintf("| %d |", i))
	}
	var out strings.Builder
	table(&out, "Rows", "| n |\n|---|", rows)
	if !strings.HasSuffix(out.String(), "| 49 |\n\nand 2 more\n") {
		t.Errorf("got %s", out.String())
	}
}
