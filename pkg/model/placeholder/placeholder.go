// Package placeholder tells a text that still has to be filled in from one that
// means what it says. Of a text with a placeholder nothing is known, so nothing
// may be reported about it.
package placeholder

import (
	"slices"
	"strings"
)

// In reports whether text holds a placeholder anywhere: ${name}, $name, $(name),
// {{ template }}, <name>, %name%, __NAME__ in capitals, or one of the words
// PLACEHOLDER, CHANGEME and REPLACE_ME.
//
// What only looks similar is none: the load balancer's #{host}, the groups $1 and
// ${1} of a regular expression and its named groups, markup with a closing tag,
// percent-encoded bytes, and what NodeLocal DNSCache fills in itself.
func In(text string) bool {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '$':
			if isVariable(window(text[i+1:])) {
				return true
			}
		case '{':
			if isTemplate(window(text[i+1:])) {
				return true
			}
		case '<':
			if isAngled(text, i) {
				return true
			}
		case '%':
			if isPercented(window(text[i+1:])) {
				return true
			}
		case '_':
			if isUnderscored(text, i) {
				return true
			}
		case 'P', 'C', 'R':
			if isWord(text, i) {
				return true
			}
		}
	}
	return false
}

// window is as much of the text as is searched for an end. It keeps the time
// linear in a text of many beginnings.
func window(rest string) string {
	const most = 4096
	return rest[:min(len(rest), most)]
}

// isVariable looks at what follows a dollar sign. The name must hold a letter,
// which ${1} and the regular expression $(/.*)? do not: there, the parenthesis
// is followed by a letter only in a shell or a container's command.
func isVariable(rest string) bool {
	if rest == "" {
		return false
	}
	switch rest[0] {
	case '{':
		name, _, closed := strings.Cut(rest[1:], "}")
		return closed && strings.ContainsFunc(name, isLetter)
	case '(':
		name, _, closed := strings.Cut(rest[1:], ")")
		name = strings.TrimLeft(name, " ")
		return closed && name != "" && isNameStart(name[0])
	default:
		// $name, as envsubst and shells write it; one letter alone is no name.
		return len(rest) > 1 && isNameStart(rest[0]) && isWordByte(rest[1])
	}
}

// isTemplate looks at what follows a brace. JSON never has two in a row.
func isTemplate(rest string) bool {
	return strings.HasPrefix(rest, "{") && strings.Contains(rest, "}}")
}

// isAngled looks at the text around the angle bracket at i.
func isAngled(text string, i int) bool {
	name, rest, closed := strings.Cut(window(text[i+1:]), ">")
	if !closed || name == "" || !isLetter(rune(name[0])) || strings.ContainsFunc(name, notInAngles) {
		return false
	}
	before := text[:i]
	if strings.HasSuffix(before, "(?") || strings.HasSuffix(before, "(?P") {
		return false
	}
	tag, _, _ := strings.Cut(name, " ")
	return !strings.HasSuffix(name, "/") && !strings.Contains(rest, "</"+tag+">")
}

func notInAngles(r rune) bool {
	return !isLetter(r) && (r < '0' || r > '9') && !strings.ContainsRune(" _./-", r)
}

// isPercented looks at what follows a percent sign. One letter is a format verb,
// two hexadecimal digits before a percent sign with two more are encoded bytes.
func isPercented(rest string) bool {
	name, after, closed := strings.Cut(rest, "%")
	if !closed || len(name) < 2 || !isNameStart(name[0]) {
		return false
	}
	for i := range len(name) {
		if !isWordByte(name[i]) {
			return false
		}
	}
	return !startsWithHex(name) || !startsWithHex(after)
}

func startsWithHex(s string) bool { return len(s) >= 2 && isHex(s[0]) && isHex(s[1]) }

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f'
}

// isUnderscored reports whether a word in capitals stands at i with two
// underscores on either side. Languages have such names in small letters, and
// environment variables such underscores in the middle.
func isUnderscored(text string, i int) bool {
	word := wordAt(text, i)
	if slices.Contains(nodeCacheVariables(), word) {
		return false
	}
	name, opened := strings.CutPrefix(word, "__")
	name, closed := strings.CutSuffix(name, "__")
	return opened && closed && name != "" && name[0] != '_' && name == strings.ToUpper(name)
}

// nodeCacheVariables stand in a Corefile of NodeLocal DNSCache as it runs:
// https://github.com/kubernetes/dns/blob/1.26.4/cmd/node-cache/app/configmap.go
func nodeCacheVariables() []string {
	return []string{"__PILLAR__CLUSTER__DNS__", "__PILLAR__UPSTREAM__SERVERS__", "__PILLAR__LOCAL__DNS__", "__PILLAR__DNS__SERVER__"}
}

// isWord reports whether one of the words stands at i, with no letter, digit or
// underscore on either side.
func isWord(text string, i int) bool {
	return slices.Contains([]string{"PLACEHOLDER", "CHANGEME", "REPLACE_ME"}, wordAt(text, i))
}

// wordAt is the word that begins at i, empty in the midst of one.
func wordAt(text string, i int) string {
	if i > 0 && isWordByte(text[i-1]) {
		return ""
	}
	end := i
	for end < len(text) && isWordByte(text[end]) {
		end++
	}
	return text[i:end]
}

func isLetter(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' }

func isNameStart(c byte) bool { return isLetter(rune(c)) || c == '_' }

func isWordByte(c byte) bool { return isNameStart(c) || c >= '0' && c <= '9' }
