package tfhcl

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Comments returns where the comments of a file are that go to the end of their
// line, as pairs of offsets. What looks like one in a string or a heredoc is none.
func Comments(text []byte) [][2]int {
	// A text that is not valid has tokens too.
	tokens, _ := hclsyntax.LexConfig(text, "", hcl.InitialPos)
	var out [][2]int
	for _, t := range tokens {
		if t.Type != hclsyntax.TokenComment || bytes.HasPrefix(t.Bytes, []byte("/*")) {
			continue
		}
		start := t.Range.Start.Byte
		out = append(out, [2]int{start, start + len(bytes.TrimRight(t.Bytes, "\r\n"))})
	}
	return out
}
