package lbc

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// maxEdits is the number of edits up to which two words count as one word and
// its misspelling.
const maxEdits = 2

// nearest finds the word closest to got within maxEdits, the first in the
// alphabet among equals, or "". Words that differ in letter case alone are one
// edit apart. Words that differ in digits alone are never near: ipv6 is not a
// misspelling of ipv4. Nor are words of which half or more would change.
func nearest(got string, words []string) (string, int) {
	best, distance := "", maxEdits+1
	for _, word := range words {
		d := edits(got, word)
		if d == 0 || 2*d >= min(len(got), len(word)) || sameButDigits(got, word) {
			continue
		}
		if d < distance || d == distance && word < best {
			best, distance = word, d
		}
	}
	if best == "" {
		return "", 0
	}
	return best, distance
}

// edits is the edit distance of two words, where a change of case throughout
// costs one edit, whatever its extent.
func edits(a, b string) int {
	if a == b {
		return 0
	}
	// A long value cannot be near, and the distance costs the product of both
	// lengths.
	if gap := len(a) - len(b); gap > 4*maxEdits || gap < -4*maxEdits {
		return maxEdits + 1
	}
	folded := 1 + levenshtein.ComputeDistance(strings.ToLower(a), strings.ToLower(b))
	return min(folded, levenshtein.ComputeDistance(a, b))
}

// sameButDigits reports whether a holds digits and becomes b when they are
// exchanged or left out.
func sameButDigits(a, b string) bool {
	digitsA, restA := takeDigits(a)
	digitsB, restB := takeDigits(b)
	return digitsA != "" && digitsA != digitsB && strings.EqualFold(restA, restB)
}

func takeDigits(s string) (digits, rest string) {
	var d, r strings.Builder
	for _, c := range []byte(s) {
		if c >= '0' && c <= '9' {
			d.WriteByte(c)
		} else {
			r.WriteByte(c)
		}
	}
	return d.String(), r.String()
}
