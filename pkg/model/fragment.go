package model

// Fragment is what a loader reads from one file, or from files that belong together.
type Fragment struct {
	Resources []*Resource
	// AWS is nil when the files hold nothing of AWS.
	AWS      *AWS
	Problems []Problem
	Notes    []Note
	// Opaque lists what the files may add to their cluster without showing it.
	Opaque []Opaque
}
