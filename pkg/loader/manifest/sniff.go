package manifest

import "bytes"

// head is what the text of a document says about it at first glance, without
// parsing. Only the first level and that of metadata are looked at.
type head struct {
	apiVersion, kind string
	namespace, name  string
	// sure is set when apiVersion and kind stand there once each, as simple
	// scalars, so that a parser would see the same.
	sure bool
	// sops is set when the document has the key that SOPS adds.
	sops bool
}

// sniff reads the head of a block style document. Flow style, JSON and an
// indented root give the zero head.
func sniff(doc []byte) head {
	var h head
	var apiVersions, kinds, unclear int
	meta := metadataReader{head: &h}
	for pos := 0; pos < len(doc); {
		next := endOfLine(doc, pos)
		line := doc[pos:next]
		pos = next
		if meta.read(line) {
			continue
		}
		key, value, ok := entry(line)
		if !ok {
			continue
		}
		text, simple := scalar(value)
		switch key {
		case "apiVersion":
			h.apiVersion = text
			apiVersions++
		case "kind":
			h.kind = text
			kinds++
		case "metadata":
			meta.inside = len(value) == 0
			continue
		case "sops":
			h.sops = true
			continue
		default:
			continue
		}
		if !simple {
			unclear++
		}
	}
	h.sure = apiVersions == 1 && kinds == 1 && unclear == 0
	return h
}

// metadataReader takes name and namespace out of a metadata block.
type metadataReader struct {
	head   *head
	inside bool
	indent int
}

// read reports whether the line belongs to the block.
func (m *metadataReader) read(line []byte) bool {
	if !m.inside {
		return false
	}
	content := bytes.TrimLeft(line, " ")
	if len(bytes.TrimSpace(content)) == 0 || content[0] == '#' {
		return true
	}
	indent := len(line) - len(content)
	if indent == 0 {
		m.inside, m.indent = false, 0
		return false
	}
	if m.indent == 0 {
		m.indent = indent
	}
	if indent != m.indent {
		return true
	}
	key, value, _ := entry(content)
	text, _ := scalar(value)
	switch key {
	case "namespace":
		m.head.namespace = text
	case "name":
		m.head.name = text
	}
	return true
}

// entry splits a line that starts with a mapping key at its first byte. The
// value is without comment and surrounding blanks.
func entry(line []byte) (key string, value []byte, ok bool) {
	if len(line) == 0 || bytes.IndexByte([]byte(" \t#-{[\r\n"), line[0]) >= 0 {
		return "", nil, false
	}
	name, rest, found := bytes.Cut(line, []byte(":"))
	if !found || len(rest) > 0 && bytes.IndexByte([]byte(" \t\r\n"), rest[0]) < 0 {
		return "", nil, false
	}
	return unquote(bytes.TrimSpace(name)), withoutComment(rest), true
}

// withoutComment needs the blank before the value, which may itself be a comment.
func withoutComment(rest []byte) []byte {
	for i := 1; i < len(rest); i++ {
		if rest[i] == '#' && (rest[i-1] == ' ' || rest[i-1] == '\t') {
			rest = rest[:i]
		}
	}
	return bytes.TrimSpace(rest)
}

// scalar returns the text of a plain or quoted scalar, and whether it is so
// simple that no parser could read it in another way.
func scalar(value []byte) (string, bool) {
	text := unquote(value)
	for i := range len(text) {
		if !isSimple(text[i]) {
			return "", false
		}
	}
	return text, text != ""
}

func isSimple(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '.' || c == '-' || c == '_' || c == '/'
}

func unquote(s []byte) string {
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		s = s[1 : n-1]
	}
	return string(s)
}
