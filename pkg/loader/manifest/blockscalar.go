package manifest

import "bytes"

// rendering says how a plain scalar is written in JSON.
type rendering uint8

const (
	notKnown rendering = iota
	asText
	asItStands
	asNull
)

// scalarType tells how sigs.k8s.io/yaml reads a plain scalar, as far as that is
// certain at first sight. YAML 1.1 has more words and numbers than most expect:
// https://yaml.org/type/bool.html, https://yaml.org/type/int.html.
func scalarType(text []byte) rendering {
	switch c := text[0]; {
	case isLetter(c):
		return wordType(text)
	case c == '/':
		return asText
	case isDigit(c):
		return numberType(text)
	case c == '-' && len(text) > 1 && text[1] >= '1' && text[1] <= '9' && numberType(text[1:]) == asItStands:
		return asItStands
	default:
		return notKnown
	}
}

func wordType(text []byte) rendering {
	switch string(text) {
	case "true", "false":
		return asItStands
	case "null":
		return asNull
	}
	if isReserved(text) {
		return notKnown
	}
	return asText
}

// isReserved reports whether a word stands for something else than itself.
func isReserved(word []byte) bool {
	if len(word) > len("false") {
		return false
	}
	switch string(bytes.ToLower(word)) {
	case "y", "yes", "n", "no", "true", "false", "on", "off", "null":
		return true
	default:
		return false
	}
}

// numberType looks at a scalar that begins with a digit. Decimal integers are
// taken as they stand; text is what holds a character that no number and no
// time can have, or two dots and digits alone.
func numberType(text []byte) rendering {
	const most = 18 // digits that always fit 64 bits
	digits, dots := 0, 0
	for _, c := range text {
		switch {
		case isDigit(c):
			digits++
		case c == '.':
			dots++
		case isNeverNumeric(c):
			return asText
		}
	}
	switch {
	case digits == len(text) && len(text) <= most && (text[0] != '0' || len(text) == 1):
		return asItStands
	case digits+dots == len(text) && dots > 1:
		return asText
	default:
		return notKnown
	}
}

// isNeverNumeric excludes what stands in hexadecimal, octal and binary numbers,
// exponents and times.
func isNeverNumeric(c byte) bool {
	lower := c | 0x20
	return c == '/' || lower >= 'g' && lower <= 'z' && bytes.IndexByte([]byte("xotz"), lower) < 0
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWordByte(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '_' || c == '.' || c == '/' || c == '-'
}

// appendText writes printable ASCII as a JSON string.
func appendText(out, text []byte) []byte {
	out = append(out, '"')
	for len(text) > 0 {
		n := bytes.IndexAny(text, `"\`)
		if n < 0 {
			break
		}
		out = append(append(out, text[:n]...), '\\', text[n])
		text = text[n+1:]
	}
	return append(append(out, text...), '"')
}

// flow reads a flow collection that ends on its line and holds nothing but
// words, numbers, quoted text and other such collections.
func (b *block) flow() bool {
	if b.depth++; b.depth > maxBlockDepth {
		return false
	}
	defer func() { b.depth-- }()
	isMapping := b.text[b.at] == '{'
	closing := byte(']')
	if isMapping {
		closing = '}'
	}
	b.copyByte()
	if b.at < len(b.text) && b.text[b.at] == closing {
		b.copyByte()
		return true
	}
	var keys [][]byte
	for {
		if isMapping {
			key, end, ok := b.key(b.at)
			if !ok || contains(keys, key) {
				return false
			}
			keys = append(keys, key)
			b.out = append(appendText(b.out, key), ':')
			b.at = end
			b.blanks()
		}
		if !b.flowValue() || b.at == len(b.text) {
			return false
		}
		switch b.text[b.at] {
		case closing:
			b.copyByte()
			return true
		case ',':
			b.copyByte()
		default:
			return false
		}
	}
}

// copyByte takes a bracket or a comma over, and leaves the blanks behind it.
func (b *block) copyByte() {
	b.out = append(b.out, b.text[b.at])
	b.at++
	b.blanks()
}

func (b *block) flowValue() bool {
	if b.at == len(b.text) {
		return false
	}
	var ok bool
	switch b.text[b.at] {
	case '"', '\'':
		ok = b.quoted()
	case '{', '[':
		ok = b.flow()
	default:
		end := b.at
		for end < len(b.text) && isWordByte(b.text[end]) {
			end++
		}
		ok = end > b.at && b.resolve(b.at, end)
	}
	b.blanks()
	return ok
}
