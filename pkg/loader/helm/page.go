package helm

import (
	"bytes"
	"sort"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/model"
)

// page is what one template renders to, and which part of it was made by what. A page
// without pieces is one of which nothing is certain.
type page struct {
	origin *origin
	pieces []piece
}

// piece is a run of rendered bytes, from at up to the next piece.
type piece struct {
	at int
	written
}

// newPage finds the pieces of a rendered text, by the same text with markers.
func newPage(u *unit, index int, text, marked string) *page {
	out := &page{origin: u.origin}
	// A marker that came with a value cannot be told from one of ours.
	if strings.Contains(text, markBegin) {
		return out
	}
	stripped, pieces, ok := strip(marked, index, u.written)
	switch {
	case !ok || !isVerbatim(stripped, pieces, string(u.origin.text)):
	case stripped == text:
		out.pieces = pieces
	default:
		out.pieces = transfer(stripped, text, pieces, string(u.origin.text))
	}
	return out
}

// strip removes the markers, and returns where those of one file stood. Those of other
// files are in what an action of this one included.
func strip(marked string, index int, nodes []written) (string, []piece, bool) {
	var out strings.Builder
	var pieces []piece
	for {
		text, rest, found := strings.Cut(marked, markBegin)
		out.WriteString(text)
		if !found {
			break
		}
		mark, rest, closed := strings.Cut(rest, markEnd)
		first, second, _ := strings.Cut(mark, ".")
		file, bad := strconv.Atoi(first)
		node, worse := strconv.Atoi(second)
		if !closed || bad != nil || worse != nil {
			return "", nil, false
		}
		if file == index {
			if node < 0 || node >= len(nodes) {
				return "", nil, false
			}
			pieces = append(pieces, piece{out.Len(), nodes[node]})
		}
		marked = rest
	}
	text := out.String()
	return text, pieces, text == "" || len(pieces) > 0 && pieces[0].at == 0
}

// isVerbatim reports whether all texts of a template stand in the rendering as they
// stand in the template: the proof that its pieces are what they are taken for.
func isVerbatim(rendered string, pieces []piece, template string) bool {
	for i, p := range pieces {
		if p.literal && rendered[p.at:endOf(pieces, i, len(rendered))] != template[p.start:p.end] {
			return false
		}
	}
	return true
}

func endOf(pieces []piece, i, length int) int {
	if i+1 < len(pieces) {
		return pieces[i+1].at
	}
	return length
}

// transfer moves pieces to a text that differs in what actions wrote, such as the
// checksum of another template, which holds markers as well. Line by line, they stay
// where they are if the line keeps its length, and else become one.
func transfer(from, to string, pieces []piece, template string) []piece {
	was, is := strings.SplitAfter(from, "\n"), strings.SplitAfter(to, "\n")
	if len(was) != len(is) {
		return nil
	}
	var out []piece
	a, b := 0, 0
	for i := range was {
		line := cut(pieces, a, a+len(was[i]))
		for j := range line {
			line[j].at += b - a
		}
		if len(line) > 0 && !keeps(was[i], is[i], line, b, template) {
			line = []piece{whole(line, template)}
		}
		out = append(out, line...)
		a, b = a+len(was[i]), b+len(is[i])
	}
	return out
}

// cut returns the pieces between two offsets, the first of them beginning there.
func cut(pieces []piece, start, end int) []piece {
	var out []piece
	for i := find(pieces, start); i < len(pieces) && (pieces[i].at < end || len(out) == 0); i++ {
		p := pieces[i]
		from, to := max(p.at, start), min(endOf(pieces, i, end), end)
		if p.literal {
			p.start += from - p.at
			p.end = p.start + max(0, to-from)
		}
		p.at = from
		out = append(out, p)
	}
	return out
}

// keeps reports whether the texts of a template stand in a line where they stood.
func keeps(was, is string, line []piece, at int, template string) bool {
	if was == is {
		return true
	}
	if len(was) != len(is) {
		return false
	}
	for i, p := range line {
		got := is[p.at-at : endOf(line, i, at+len(is))-at]
		if p.literal && template[p.start:p.end] != got {
			return false
		}
	}
	return true
}

// whole stands for all pieces of a line: for what is written there without the blanks
// around it.
func whole(line []piece, template string) piece {
	start, end := line[0].start, line[0].end
	for _, p := range line[1:] {
		start, end = min(start, p.start), max(end, p.end)
	}
	text := template[start:end]
	start += len(text) - len(strings.TrimLeft(text, " \t\r\n"))
	end = max(start, end-len(text)+len(strings.TrimRight(text, " \t\r\n")))
	return piece{line[0].at, written{start, end, false}}
}

// find is the index of the piece that holds an offset.
func find(pieces []piece, offset int) int {
	return max(0, sort.Search(len(pieces), func(i int) bool { return pieces[i].at > offset })-1)
}

// span is the place in the template of a range of rendered bytes.
func (p *page) span(start, end int) model.Span {
	if len(p.pieces) == 0 {
		return p.origin.somewhere()
	}
	first := p.pieces[find(p.pieces, start)]
	last := p.pieces[find(p.pieces, max(start, end-1))]
	from, to := first.start, last.end
	if first.literal {
		from += start - first.at
	}
	if last.literal {
		to = last.start + end - last.at
	}
	if to < from { // the rounds of a loop
		line, _, _ := bytes.Cut(p.origin.text[min(from, len(p.origin.text)):], []byte("\n"))
		to = from + len(bytes.TrimRight(line, " \t\r"))
	}
	return p.origin.span(from, to)
}
