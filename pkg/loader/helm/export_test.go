package helm

import (
	"context"
	"io/fs"

	"helm.sh/helm/v4/pkg/engine"

	"github.com/ekslint/ekslint/pkg/loader/manifest"
)

// Both renders a chart here and with Helm's own engine.
func Both(ctx context.Context, fsys fs.FS, dir string) (ours, theirs map[string]string, failures []string, err error) {
	x := newLoading(fsys, Options{}, manifest.NewReader(nil))
	f := x.folder(dir)
	if f == nil {
		return nil, nil, nil, nil
	}
	c := x.chart(f, 0)
	if c == nil {
		return nil, nil, nil, nil
	}
	values, ok := x.values(c, f)
	if !ok {
		return nil, nil, nil, nil
	}
	r, err := x.program(c, values).render(ctx, plain, 0)
	if err != nil {
		return nil, nil, nil, err
	}
	for name := range r.failures {
		failures = append(failures, name)
	}
	theirs, err = engine.Engine{CustomTemplateFuncs: (&chance{}).functions()}.RenderWithContext(ctx, c, copiedMap(values))
	return r.texts, theirs, failures, err
}
