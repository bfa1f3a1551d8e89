package kustomize

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
)

func (r *rewriting) generators() *failure {
	r.out.ConfigMapGenerator = slices.Clone(r.out.ConfigMapGenerator)
	for i := range r.out.ConfigMapGenerator {
		at := []string{"configMapGenerator", strconv.Itoa(i)}
		if bad := r.generator(&r.out.ConfigMapGenerator[i].GeneratorArgs, at, false); bad != nil {
			return bad
		}
	}
	r.out.SecretGenerator = slices.Clone(r.out.SecretGenerator)
	for i := range r.out.SecretGenerator {
		at := []string{"secretGenerator", strconv.Itoa(i)}
		if bad := r.generator(&r.out.SecretGenerator[i].GeneratorArgs, at, true); bad != nil {
			return bad
		}
	}
	return nil
}

// generator follows the files of one generator, and gives what it makes its origin.
func (r *rewriting) generator(g *types.GeneratorArgs, at []string, isSecret bool) *failure {
	s := &sources{rewriting: r, at: at, isSecret: isSecret}
	g.FileSources = slices.Clone(g.FileSources)
	for i, entry := range g.FileSources {
		g.FileSources[i] = s.keyed(entry, "files", i)
	}
	g.EnvSources = slices.Clone(g.EnvSources)
	for i, entry := range g.EnvSources {
		g.EnvSources[i] = s.file(entry, emptyFile, "envs", strconv.Itoa(i))
	}
	if g.EnvSource != "" {
		g.EnvSource = s.file(g.EnvSource, emptyFile, "env")
	}
	r.mark(g, r.entry(at...))
	return s.bad
}

func (r *rewriting) mark(g *types.GeneratorArgs, at *syntax.Node) {
	var options types.GeneratorOptions
	if g.Options != nil {
		options = *g.Options
	}
	options.Annotations = maps.Clone(options.Annotations)
	if options.Annotations == nil {
		options.Annotations = map[string]string{}
	}
	options.Annotations[originKey] = strconv.Itoa(len(r.plan.origins))
	g.Options = &options
	r.plan.origins = append(r.plan.origins, origin{document: r.level.document(), node: at, generator: r.level})
}

// sources follows the files of one generator. Its first failure is kept.
type sources struct {
	*rewriting
	at       []string
	isSecret bool
	bad      *failure
}

// keyed follows an entry that may have a key before its file.
func (s *sources) keyed(entry, field string, i int) string {
	key, name, found := strings.Cut(entry, "=")
	if !found {
		key, name = base(entry), entry
	}
	if strings.Contains(name, "=") || key == "" || name == "" {
		s.fail(s.entry(s.path(field, strconv.Itoa(i))...), "want KEY=FILE or FILE, found "+strconv.Quote(entry))
		return key + "=" + emptyFile
	}
	return key + "=" + s.file(name, unknownFile, field, strconv.Itoa(i))
}

func (s *sources) path(rest ...string) []string { return slices.Concat(s.at, rest) }

func (s *sources) fail(n *syntax.Node, message string) {
	if s.bad == nil {
		s.bad = s.level.failure(n, message)
	}
}

// file follows one file. What a Secret holds is of no interest here, and its files are
// rarely kept beside the others, so that one may be missing.
func (s *sources) file(entry, otherwise string, at ...string) string {
	name, ok := resolve(s.level.dir, entry)
	if isRemote(entry) || !ok {
		s.plan.note(s.level, entry+" is not read: the value is unknown")
		return otherwise
	}
	text, err := s.plan.read(name)
	switch {
	case err == nil:
		s.plan.served[absolute(name)] = text
		return absolute(name)
	case s.isSecret:
		return emptyFile
	default:
		s.fail(s.entry(s.path(at...)...), entry+" "+reason(err))
		return otherwise
	}
}
