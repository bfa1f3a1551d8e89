// Package suggest finds the word that was meant.
package suggest

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// farthest is the number of edits beyond which two words have nothing in common.
const farthest = 3

// Nearest returns the known word that differs least from the given one, and ""
// when none is near. Case does not count; of equals the first one wins.
func Nearest(word string, known []string) string {
	best, at := "", min(farthest, len(word)/2)+1
	for _, k := range known {
		if d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(k)); d < at {
			best, at = k, d
		}
	}
	return best
}

// Meant is the end of a message about an unknown word: the word that was
// meant, or nothing.
func Meant(word string, known []string) string {
	if best := Nearest(word, known); best != "" {
		return fmt.Sprintf(", did you mean %q?", best)
	}
	return ""
}
