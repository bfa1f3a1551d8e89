// Package analyzer runs rules over a snapshot and returns one report. The
// command line, the hook and the webhook are callers of the same Analyze.
package analyzer
