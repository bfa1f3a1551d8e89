package gitops_test

import (
	"strings"
	"testing"
)

// named is an Application of a repository.
func named(file, name, repo, path string) string {
	return "-- " + file + " --\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: " + name +
		"}\nspec: {destination: {name: in-cluster}, source: {repoURL: '" + repo + "', path: '" + path + "'}}\n"
}

func TestRepositoryOfAClone(t *testing.T) {
	t.Parallel()
	const here, other = "Application web: plain apps: apps/a.yaml", "Application web: not followed: "
	for repo, want := range map[string]string{
		"https://github.com/acme/shop":               here,
		"https://github.com/acme/shop/":              here,
		"https://github.com/Acme/Shop.git":           here,
		"https://user:word@github.com:443/acme/shop": here,
		"git@github.com:acme/shop.git":               here,
		"ssh://git@github.com:22/acme/shop.git":      here,
		"git@github.com:/acme/shop.git":              here,
		"https://github.com/acme/shop2":              other + "https://github.com/acme/shop2 is another repository",
		"https://gitlab.com/acme/shop":               other + "https://gitlab.com/acme/shop is another repository",
		"https://github.com/fork/shop":               other + "https://github.com/fork/shop is another repository",
		"shop":                                       other + "it names no repository",
		"":                                           other + "it names no repository",
	} {
		t.Run(repo, test{"", clone + named("web.yaml", "web", repo, "apps") + "-- apps/a.yaml --\n", []string{want}}.run)
	}
}

func TestRepositoryWithoutAddress(t *testing.T) {
	t.Parallel()
	const one, two = "https://github.com/acme/shop", "https://github.com/acme/other"
	missing := "Application b: not followed: nothing tells that " + two + " is this repository"
	tests := []test{
		{"the one whose folder is there", named("a.yaml", "a", one, "apps") + named("b.yaml", "b", two, "gone") + "-- apps/a.yaml --\n", []string{
			"Application a: plain apps: apps/a.yaml", missing,
		}},
		{"a root tells nothing", named("a.yaml", "a", one, "apps") + named("b.yaml", "b", two, ".") + "-- apps/a.yaml --\n", []string{
			"Application a: plain apps: apps/a.yaml", missing,
		}},
		{"a root alone", named("b.yaml", "b", two, "."), []string{missing}},
		{"two that fit", named("a.yaml", "a", one, "apps") + named("b.yaml", "b", two, "more") + "-- apps/a.yaml --\n-- more/a.yaml --\n", []string{
			"Application a: not followed: " + one + " may be this repository, and so may github.com/acme/other",
			"Application b: not followed: " + two + " may be this repository, and so may github.com/acme/shop",
		}},
		{"two that fit, one of them by chance below", named("x/apps/a.yaml", "a", one, "apps") + named("x/apps/b.yaml", "b", two, "apps") + named("c.yaml", "c", one, "x/apps"), []string{
			"Application c: plain x/apps: x/apps/a.yaml x/apps/b.yaml",
			"Application a: not followed: the folder apps is not in this repository",
			missing,
		}},
		{"a repository that begins below", named("x/y/apps/a.yaml", "a", one, "y/apps") + named("x/b.yaml", "b", one, "."), []string{
			"Application b: not followed: nothing tells where the repository begins",
			"Application a: plain x/y/apps: x/y/apps/a.yaml",
		}},
		{"a git directory shows the root", "-- .git/HEAD --\n" + named("x/y/apps/a.yaml", "a", one, "y/apps"), []string{
			"Application a: not followed: nothing tells that " + one + " is this repository",
		}},
		{"a worktree shows the root", "-- .git --\ngitdir: ../.git\n" + named("apps/a.yaml", "a", one, "apps"), []string{
			"Application a: plain apps: apps/a.yaml",
		}},
		{"a set names folders too", named("a.yaml", "a", one, ".") + strings.ReplaceAll(strings.ReplaceAll(
			set("generators:\n- git: {repoURL: https://github.com/acme/shop, directories: [{path: apps/*}]}", byPath, apps), ".git/config", "x"), "set.yaml", "b.yaml"), []string{
			"Application a: plain .: a.yaml b.yaml",
			"Application argocd/app-My_App: plain apps/My_App in my-app: apps/My_App/a.yaml",
			"Application argocd/app-eu: plain apps/eu in eu: apps/eu/a.yaml",
			"Application argocd/app-us: plain apps/us in us: apps/us/a.yaml",
		}},
		{"a set names files too", strings.NewReplacer(".git/config", "x", "{{path.basename}}", "{{name}}").Replace(
			set("generators:\n- git: {repoURL: https://github.com/acme/shop, files: [{path: env/eu.json}]}", byPath, "\n-- env/eu.json --\n{\"name\": \"eu\"}\n"+apps)), []string{
			"Application argocd/app-eu: plain env in env: env/eu.json",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}
