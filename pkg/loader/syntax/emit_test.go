package syntax

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// yamlWriter writes random YAML in every style and records what it wrote.
type yamlWriter struct {
	recorder
	nl      string
	anchors int
	named   []anchor
	last    int  // end of the last node, before any comment
	tab     bool // a tab may follow the colon that was just written
}

// anchor is a scalar that a later alias may name.
type anchor struct {
	name string
	written
}

func (w *yamlWriter) scalar(where map[string]written, path []string, s written) {
	w.add(where, path, s)
	w.last = w.buf.Len()
}

func (w *yamlWriter) end(path []string, start int) {
	text := string(w.buf.Bytes()[start:w.last])
	w.values[strings.Join(path, pathSep)] = written{start: start, text: text, collection: true}
}

func (w *yamlWriter) comment() string {
	comment := pick(w.rnd, "", "", "", " # note", "\t# é: 'x", " #日 [")
	// A tab may not stand where a nested list or mapping could start.
	if last := w.buf.Bytes()[w.buf.Len()-1]; last == '-' || last == ':' || last == ' ' {
		comment = strings.Replace(comment, "\t", " ", 1)
	}
	return comment
}

// eol ends a line and may add comments, which are no deeper than the next entry.
func (w *yamlWriter) eol(indent int) {
	w.write(w.comment() + w.nl)
	w.commentLine(indent)
}

func (w *yamlWriter) commentLine(indent int) {
	if w.rnd.IntN(6) == 0 {
		w.write(strings.Repeat(" ", w.rnd.IntN(indent+1)) + "# x: \"é *a &b" + w.nl)
	}
}

// fold joins words, over several lines if lines is set.
func (w *yamlWriter) fold(words []string, indent int, lines bool) (text, value string) {
	text, value = words[0], words[0]
	for _, word := range words[1:] {
		switch {
		case lines && w.rnd.IntN(3) == 0:
			text += pick(w.rnd, "", " ", "\t") + w.nl + strings.Repeat(" ", indent+w.rnd.IntN(3))
			value += " "
		case lines && w.rnd.IntN(5) == 0:
			text += w.nl + w.nl + strings.Repeat(" ", indent)
			value += "\n"
		default:
			text += " "
			value += " "
		}
		text += word
		value += word
	}
	return text, value
}

// flowScalar returns a plain or quoted scalar. An indent of -1 asks for one line.
func (w *yamlWriter) flowScalar(indent int) written {
	words := w.words()
	lines := indent >= 0
	style := w.rnd.IntN(3)
	for i, word := range words {
		switch style {
		case 1:
			words[i] = strings.ReplaceAll(word, "'", "''")
		case 2:
			words[i] = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word)
		}
	}
	text, value := w.fold(words, max(indent, 0), lines)
	switch style {
	case 1:
		return written{text: "'" + text + "'", value: strings.ReplaceAll(value, "''", "'"), quoted: true}
	case 2:
		value = strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(value)
		text = strings.ReplaceAll(text, "ö", pick(w.rnd, "ö", `\u00f6`, `\xf6`, `\U000000F6`))
		if w.rnd.IntN(3) == 0 {
			text, value = text+`\n\t\0`, value+"\n\t\x00"
		}
		if lines && w.rnd.IntN(3) == 0 {
			text, value = text+`\`+w.nl+`  end`, value+"end"
		}
		return written{text: `"` + text + `"`, value: value, quoted: true}
	}
	return written{text: strings.ReplaceAll(text, "?", ""), value: strings.ReplaceAll(value, "?", "")}
}

// blockScalar returns a literal or folded scalar and the blank lines behind it.
func (w *yamlWriter) blockScalar(parent int) (s written, tail string) {
	style, chomp := pick(w.rnd, "|", ">"), pick(w.rnd, "", "-", "+")
	deep, digit := 1+w.rnd.IntN(4), ""
	if w.rnd.IntN(3) == 0 {
		digit = strconv.Itoa(deep)
	}
	margin := strings.Repeat(" ", parent+deep)
	text := style + pick(w.rnd, chomp+digit, digit+chomp) + pick(w.rnd, "", " ", " # |é", "\t#x")
	value := ""
	for i, n := 0, 1+w.rnd.IntN(4); i < n; i++ {
		line := strings.Join(w.words(), " ") + pick(w.rnd, "", "", " ", " # kept", ": [")
		if style == "|" && (i > 0 || digit != "") {
			line = pick(w.rnd, "", "", "  ", " # ") + line
		}
		blank := 0
		if i > 0 {
			blank = w.rnd.IntN(2)
		}
		text += strings.Repeat(w.nl, blank+1) + margin + line
		switch {
		case i == 0:
		case style == "|":
			value += strings.Repeat("\n", blank+1)
		case blank == 0:
			value += " "
		default:
			value += "\n"
		}
		value += line
	}
	blank := w.rnd.IntN(3)
	switch chomp {
	case "":
		value += "\n"
	case "+":
		value += strings.Repeat("\n", blank+1)
	}
	return written{text: text, value: value, quoted: true}, strings.Repeat(w.nl, blank)
}

// properties writes an anchor or a tag, and returns the name of the anchor.
func (w *yamlWriter) properties() (name string) {
	tag := pick(w.rnd, "", "", "", "", "!t ", "!<x:y,z> ")
	if w.rnd.IntN(5) == 0 {
		w.anchors++
		name = fmt.Sprint("a-", w.anchors)
		tag = pick(w.rnd, "&"+name+" "+tag, tag+"&"+name+"  ")
	}
	w.write(tag)
	return name
}

// block writes a value behind "key:" or "-" and ends its line. The indent is
// that of the mapping or list the value is in.
func (w *yamlWriter) block(path []string, indent, depth int) {
	sep := pick(w.rnd, " ", " ", "  ")
	if w.tab && w.rnd.IntN(4) == 0 {
		sep = "\t"
	}
	w.tab = false
	choice := w.rnd.IntN(8 + 2*depth)
	if choice >= 8 {
		w.blockCollection(path, indent, depth)
		return
	}
	if choice == 0 {
		w.scalar(w.values, path, written{})
		w.eol(indent)
		return
	}
	w.write(sep)
	if choice == 1 && len(w.named) > 0 {
		a := w.named[w.rnd.IntN(len(w.named))]
		w.values[strings.Join(path, pathSep)] = a.written
		w.write("*" + a.name)
		w.last = w.buf.Len()
		w.eol(indent)
		return
	}
	name := w.properties()
	switch choice {
	case 2, 3:
		s, tail := w.blockScalar(indent)
		w.scalar(w.values, path, s)
		w.write(w.nl + tail)
		w.commentLine(indent)
	case 4:
		w.flow(path, indent+1, 2)
		w.eol(indent)
	default:
		w.scalar(w.values, path, w.flowScalar(indent+1))
		w.eol(indent)
	}
	if got := w.values[strings.Join(path, pathSep)]; name != "" && !got.collection {
		w.named = append(w.named, anchor{name, got})
	}
}

func (w *yamlWriter) blockCollection(path []string, indent, depth int) {
	list := w.rnd.IntN(2) == 0
	if w.rnd.IntN(4) == 0 {
		w.write(" ")
		w.properties()
	}
	w.eol(indent)
	inner := indent + 1 + w.rnd.IntN(3)
	if list {
		w.list(path, inner, depth-1)
		return
	}
	w.mapping(path, inner, depth-1)
}

func (w *yamlWriter) list(path []string, indent, depth int) {
	start := w.buf.Len() + indent
	for i := range 1 + w.rnd.IntN(3) {
		sub := join(path, strconv.Itoa(i))
		w.write(strings.Repeat(" ", indent) + "-")
		w.last = w.buf.Len()
		if depth > 0 && w.rnd.IntN(3) == 0 {
			gap := 1 + w.rnd.IntN(3)
			w.write(strings.Repeat(" ", gap))
			w.compact(sub, indent+1+gap, depth-1)
			continue
		}
		w.block(sub, indent, depth)
	}
	w.end(path, start)
}

// compact writes a mapping whose first key is on the line of the dash.
func (w *yamlWriter) compact(path []string, indent, depth int) {
	start := w.buf.Len()
	for i := range 1 + w.rnd.IntN(3) {
		if i > 0 {
			w.write(strings.Repeat(" ", indent))
		}
		w.entry(path, i, indent, depth)
	}
	w.end(path, start)
}

func (w *yamlWriter) mapping(path []string, indent, depth int) {
	start := w.buf.Len() + indent
	for i := range 1 + w.rnd.IntN(3) {
		w.write(strings.Repeat(" ", indent))
		w.entry(path, i, indent, depth)
	}
	w.end(path, start)
}

func (w *yamlWriter) entry(path []string, i, indent, depth int) {
	key := w.key(i)
	sub := join(path, key.value)
	explicit := w.rnd.IntN(8) == 0
	if explicit {
		w.write("? ")
	}
	w.scalar(w.keys, sub, key)
	if explicit {
		w.eol(indent)
		w.write(strings.Repeat(" ", indent))
	} else {
		w.write(pick(w.rnd, "", "", " "))
	}
	w.write(":")
	w.last = w.buf.Len()
	w.tab = !explicit
	w.block(sub, indent, depth)
}

// key returns a scalar on one line that no other key of its mapping is equal to.
func (w *yamlWriter) key(i int) written {
	key := w.flowScalar(-1)
	n := strconv.Itoa(i)
	if key.quoted {
		key.text = key.text[:1] + n + key.text[1:]
	} else {
		key.text = n + key.text
	}
	key.value = n + key.value
	return key
}

// gap writes white space between tokens in brackets.
func (w *yamlWriter) gap(indent int) {
	w.write(pick(w.rnd, "", " ", "  ", w.nl+strings.Repeat(" ", indent), " # ]},"+w.nl+strings.Repeat(" ", indent)))
}

func (w *yamlWriter) flow(path []string, indent, depth int) {
	start := w.buf.Len()
	switch choice := w.rnd.IntN(4); {
	case choice == 0 || depth == 0:
		w.scalar(w.values, path, w.flowScalar(indent))
		return
	case choice == 1:
		w.write("[")
		w.gap(indent)
		for i := range w.rnd.IntN(4) {
			sub := join(path, strconv.Itoa(i))
			if w.rnd.IntN(4) == 0 {
				w.pair(sub, indent, depth-1)
			} else {
				w.flow(sub, indent, depth-1)
			}
			w.gap(indent)
			w.write(",")
			w.gap(indent)
		}
		w.write("]")
	default:
		w.write("{")
		w.gap(indent)
		for i := range w.rnd.IntN(4) {
			w.flowEntry(path, i, indent, depth-1)
			w.gap(indent)
			w.write(",")
			w.gap(indent)
		}
		w.write("}")
	}
	w.last = w.buf.Len()
	w.end(path, start)
}

// pair writes a mapping of one entry that has no braces.
func (w *yamlWriter) pair(path []string, indent, depth int) {
	start := w.buf.Len()
	w.flowEntry(path, 0, indent, depth)
	w.end(path, start)
}

func (w *yamlWriter) flowEntry(path []string, i, indent, depth int) {
	key := w.key(i)
	sub := join(path, key.value)
	w.scalar(w.keys, sub, key)
	w.write(pick(w.rnd, "", " ") + ":")
	w.last = w.buf.Len()
	if w.rnd.IntN(5) == 0 {
		w.scalar(w.values, sub, written{})
		w.write(" ")
		return
	}
	w.write(" ")
	w.gap(indent)
	w.flow(sub, indent, depth)
}

func (w *yamlWriter) document() {
	w.write(pick(w.rnd, "", "", "\uFEFF"))
	head := pick(w.rnd, "", "", "# é"+w.nl+w.nl, "---"+w.nl, "%YAML 1.1"+w.nl+"--- # x"+w.nl, w.nl+"  "+w.nl)
	w.write(head)
	if w.rnd.IntN(2) == 0 {
		w.list(nil, w.rnd.IntN(2), 3)
	} else {
		w.mapping(nil, w.rnd.IntN(2), 3)
	}
	w.write(pick(w.rnd, "", "", "..."+w.nl, "# end"))
}

func TestParseYAMLFindsWhatWasWritten(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5000) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		w := yamlWriter{recorder: newRecorder(rnd), nl: pick(rnd, "\n", "\r\n")}
		w.document()
		n, err := ParseYAML(w.buf.Bytes())
		if err != nil {
			t.Fatalf("seed %d: %v\n%q\n%s", seed, err, w.buf, w.buf)
		}
		w.check(t, fmt.Sprint("seed ", seed), n)
	}
}
