package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// maxLinks limits the links that are appended to a message.
const maxLinks = 10

// plainMessage makes a message of a text, in which nothing is a link. SARIF
// knows [text](target) in plain text too (section 3.11.6 of
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), so that
// sequence must be broken; other brackets stand for themselves.
func plainMessage(text string) string {
	return sentence(strings.ReplaceAll(oneLine(text), "](", `\](`))
}

// uncertainSentence follows a message whose place is not certain.
func uncertainSentence(span model.Span) string {
	if span.Inexact {
		return " The line is not certain."
	}
	return ""
}

// oneLine joins the lines of a text. An empty message is not valid.
func oneLine(text string) string {
	if line := strings.Join(strings.Fields(Printable(text)), " "); line != "" {
		return line
	}
	return "No message"
}

// link is the part of a message that names a related location.
type link struct {
	start, end, id int
}

// linkRelated makes a message whose every related location is a link: GitHub
// hides those that are not. The name of a related object becomes the link
// where the message has it; for the others links are appended.
func linkRelated(message string, subject model.Ref, related []rule.Related) string {
	message = oneLine(message)
	var links []link
	var rest []int
	for i, r := range related {
		l, ok := findName(message, subject, r, links)
		if !ok {
			rest = append(rest, i)
			continue
		}
		l.id = i + 1
		links = append(links, l)
	}
	text := sentence(insertLinks(message, links))
	if len(rest) == 0 {
		return text
	}
	var appended []string
	for _, i := range rest[:min(len(rest), maxLinks)] {
		appended = append(appended, linkTo(strings.TrimSuffix(oneLine(related[i].Message), "."), i+1))
	}
	if more := len(rest) - maxLinks; more > 0 {
		appended = append(appended, plural(more, "more place", "more places"))
	}
	return text + " See " + strings.Join(appended, "; ") + "."
}

// findName looks for the related place in the message by its own words, then
// by the names of its object. The subject's name is never a link to another
// place in the subject.
func findName(message string, subject model.Ref, r rule.Related, taken []link) (link, bool) {
	names := []string{oneLine(r.Message)}
	if r.At.Resource != nil && r.At.Resource.Ref != subject {
		ref := r.At.Resource.Ref
		names = append(names,
			ref.String(),
			ref.Kind+" "+ref.Name,
			ref.Kind+` "`+ref.NamespacedName()+`"`,
			ref.Kind+` "`+ref.Name+`"`,
			ref.NamespacedName(),
			`"`+ref.Name+`"`)
	}
	for _, name := range names {
		if l, ok := findWord(message, name, taken); ok {
			return l, true
		}
	}
	return link{}, false
}

// findWord returns the first place where the word stands by itself and is not
// part of a link yet.
func findWord(message, word string, taken []link) (link, bool) {
	for from := 0; ; {
		i := strings.Index(message[from:], word)
		if i < 0 {
			return link{}, false
		}
		l := link{start: from + i, end: from + i + len(word)}
		if standsAlone(message, l) && !overlaps(l, taken) {
			return l, true
		}
		from = l.end
	}
}

// standsAlone reports whether the characters around do not continue the name.
func standsAlone(message string, l link) bool {
	before, _ := utf8.DecodeLastRuneInString(message[:l.start])
	after, size := utf8.DecodeRuneInString(message[l.end:])
	if after == '.' {
		// A full stop ends the sentence unless a name goes on behind it.
		after, _ = utf8.DecodeRuneInString(message[l.end+size:])
	}
	return !inName(before) && !inName(after)
}

func inName(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./", r))
}

func overlaps(l link, taken []link) bool {
	for _, t := range taken {
		if l.start < t.end && t.start < l.end {
			return true
		}
	}
	return false
}

// insertLinks writes the message with its links.
func insertLinks(message string, links []link) string {
	var b strings.Builder
	at := 0
	for at < len(message) {
		next, ok := nextLink(links, at)
		if !ok {
			break
		}
		b.WriteString(strings.ReplaceAll(message[at:next.start], "](", `\](`))
		b.WriteString(linkTo(message[next.start:next.end], next.id))
		at = next.end
	}
	b.WriteString(strings.ReplaceAll(message[at:], "](", `\](`))
	return b.String()
}

// nextLink returns the first link at or after an offset.
func nextLink(links []link, at int) (link, bool) {
	var next link
	found := false
	for _, l := range links {
		if l.start >= at && (!found || l.start < next.start) {
			next, found = l, true
		}
	}
	return next, found
}

// linkTo links a text to the related location of an ID. Brackets and
// backslashes in the text of a link are escaped.
func linkTo(text string, id int) string {
	return fmt.Sprintf("[%s](%d)", strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(text), id)
}

// problemFingerprint identifies the nth problem of the same text in a file.
func problemFingerprint(key string, nth int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", rule.InputUnread, key, nth))
	return hex.EncodeToString(sum[:16])
}
