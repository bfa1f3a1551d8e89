package main

import (
	"errors"
	"fmt"
	"path"
	"regexp"

	"github.com/ekslint/ekslint/rules"
)

var idForm = regexp.MustCompile(`^[A-Z][A-Z0-9]*-[0-9]{3}$`)

// Check reports what is wrong with the metadata of the rules: IDs that stand
// twice, out of order or in an odd form, fields that are missing, categories
// that are not the folder. A rule without kinds runs on nothing: it names what
// the loader reports.
func Check(files []rules.File) error {
	var errs []error
	for i, f := range files {
		fail := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("rules/%s: %w", f.Path, fmt.Errorf(format, args...)))
		}
		if err := f.Meta.Validate(); err != nil {
			fail("%w", err)
		}
		if !idForm.MatchString(f.Meta.ID) {
			fail("ID %q is not of the form ABC-001", f.Meta.ID)
		}
		if folder := path.Dir(f.Path); f.Meta.Category != folder {
			fail("category %q: want the folder, %s", f.Meta.Category, folder)
		}
		if f.Meta.SecuritySeverity < 0 || f.Meta.SecuritySeverity > 10 {
			fail("security severity %v is not between 0 and 10", f.Meta.SecuritySeverity)
		}
		if i == 0 {
			continue
		}
		switch before := files[i-1]; {
		case before.Meta.ID == f.Meta.ID:
			fail("%s is also the ID of rules/%s", f.Meta.ID, before.Path)
		case before.Meta.ID > f.Meta.ID:
			fail("%s stands after %s", f.Meta.ID, before.Meta.ID)
		}
	}
	return errors.Join(errs...)
}
