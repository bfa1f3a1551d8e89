package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader"
)

// repositoryPath returns the path of a file in the repository, as the services
// of code hosts name it: relative to the folder that the CI system checked out,
// or else to the root. It is "" for what is not in there.
func (in *input) repositoryPath(file string) string {
	if slices.Contains(in.paths, "-") && file == loader.StdinName {
		return ""
	}
	abs := filepath.Join(in.root, filepath.FromSlash(file))
	base := checkout()
	if base == "" || !within(base, abs) {
		base = in.root
	}
	rel, err := filepath.Rel(base, abs)
	if err != nil {
		return ""
	}
	return filepath.ToSlash(rel)
}

// checkout is the folder that GitHub Actions or GitLab CI checked out, "" when
// neither runs.
func checkout() string {
	for _, name := range []string{"GITHUB_WORKSPACE", "CI_PROJECT_DIR"} {
		dir := os.Getenv(name)
		if dir == "" {
			continue
		}
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return real
		}
	}
	return ""
}

// sourceLink is where GitHub shows the files of the commit that Actions runs
// on, "" elsewhere. A relative link in the summary of a job leads nowhere.
func sourceLink() string {
	server, repository, commit := os.Getenv("GITHUB_SERVER_URL"), os.Getenv("GITHUB_REPOSITORY"), os.Getenv("GITHUB_SHA")
	if server == "" || repository == "" || commit == "" {
		return ""
	}
	return strings.Join([]string{server, repository, "blob", commit, ""}, "/")
}
