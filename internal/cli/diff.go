package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ekslint/ekslint/internal/reachdiff"
	"github.com/ekslint/ekslint/internal/reachreport"
	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/pkg/model"
)

// diffOptions are the flags of diff.
type diffOptions struct {
	inputFlags
	cluster, base    string
	failWhen, format string
}

func (e *env) diffCommand() *cobra.Command {
	o := &diffOptions{}
	cmd := &cobra.Command{
		Use:   "diff OLD NEW | diff --base REV PATH...",
		Short: "Show which connections a change opens and closes, and which lines do it",
		Long: "Diff compares who can talk to whom, as reach answers it, between two paths or between the\n" +
			"paths as they are in a git revision and as they are now. Paths are files, folders or globs; one\n" +
			"of OLD and NEW may be - for standard input.\n\n" +
			"A port is opened when OLD certainly refuses it and NEW certainly admits it, and closed the other\n" +
			"way round. What the input does not decide on either side is counted on standard error and not\n" +
			"listed. Pairs that change alike are one entry, whose lines explain one of them.\n\n" +
			"Workloads are matched by namespace, kind and name. One that only NEW or OLD holds is listed once,\n" +
			"with the number of its connections. For --fail-when these count as opened (or closed) as soon as\n" +
			"one leads to or comes from what both sides hold: a workload of both, or addresses outside.\n\n" +
			"With --base, OLD is what is committed: links and submodules are not read, and nothing is checked\n" +
			"out or fetched. To compare with where a branch began, take git merge-base main HEAD as REV.\n\n" +
			"Exit codes: 0 compared, 1 what --fail-when asks for, 2 wrong usage or config, 3 a part of the\n" +
			"input could not be read, 4 ekslint itself failed.",
		Example: "  ekslint diff old/ new/\n" +
			"  ekslint diff --base origin/main deploy/\n" +
			"  ekslint diff --base origin/main --fail-when opened --format markdown deploy/\n" +
			"  kustomize build overlays/prod | ekslint diff rendered/prod.yaml -",
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.diff(cmd.Context(), args, o, cmd.Flags().Changed("base"))
		},
	}
	flags := cmd.Flags()
	o.inputFlags.register(flags)
	flags.Lookup("config").Usage = "config file (default: of each side, the nearest .ekslint.yaml above the paths)"
	flags.StringVar(&o.cluster, "cluster", "", "the cluster to compare, when the input holds several")
	flags.StringVar(&o.base, "base", "", "git revision in which the paths are OLD")
	flags.StringVar(&o.failWhen, "fail-when", "none", "exit with 1 when connections are opened, closed, changed (either), or none")
	flags.StringVar(&o.format, "format", "text", "text, markdown (for a comment on a pull request) or json")
	return cmd
}

func (o *diffOptions) validate(args []string, isBase bool) error {
	formats, conditions := reachreport.DiffFormats(), []string{"opened", "closed", "changed", "none"}
	switch {
	case isBase && o.base == "":
		return usagef("--base needs a revision")
	case isBase && len(args) == 0:
		return usagef("diff --base needs a path")
	case isBase && slices.Contains(args, "-"):
		return usagef("diff --base cannot read standard input: git does not hold it")
	case !isBase && len(args) != 2:
		return usagef("diff needs OLD and NEW, or --base REV and a path")
	case !isBase && args[0] == "-" && args[1] == "-":
		return usagef("only one of OLD and NEW can be standard input")
	case !slices.Contains(formats, o.format):
		return usagef("--format: want %s, not %q", strings.Join(formats, ", "), o.format)
	case !slices.Contains(conditions, o.failWhen):
		return usagef("--fail-when: want %s, not %q", strings.Join(conditions, ", "), o.failWhen)
	}
	return nil
}

func (e *env) diff(ctx context.Context, args []string, o *diffOptions, isBase bool) error {
	if err := o.validate(args, isBase); err != nil {
		return err
	}
	sides, err := e.openSides(ctx, args, o)
	if err != nil {
		return err
	}
	defer sides.close()
	progress := e.newProgress()
	err = sides.load(ctx, o, progress)
	progress.clear()
	if err != nil {
		return err
	}
	snapshots, err := e.pickBoth(sides, o.cluster)
	if err != nil {
		return err
	}
	d := reachdiff.Compare(snapshots[reachdiff.Old], snapshots[reachdiff.New])
	lines := reachreport.DiffLines{}
	for i, s := range sides {
		lines[reachdiff.State(i)] = s.in.lines(s.loaded.Files) //nolint:gosec // two states
	}
	if err := reachreport.WriteDiff(e.stdout, d, o.format, lines); err != nil {
		return err
	}
	e.undecided(d)
	e.missingPods(snapshots)
	e.code = o.exitCode(d, e.unreadSides(sides))
	return nil
}

// undecided says what a diff does not list.
func (e *env) undecided(d reachdiff.Diff) {
	if d.Undecided > 0 {
		e.warn("pairs that change in a way that the input does not decide are not listed, %d in all", d.Undecided)
	}
	if d.Unclear > 0 {
		e.warn("workloads of one side of which the input does not show enough are not listed, %d in all", d.Unclear)
	}
	for _, why := range d.Reasons {
		if d.Undecided+d.Unclear > 0 {
			e.warn("not decided: %s", report.Printable(why))
		}
	}
}

// missingPods says that connections of pods which the input does not show, such
// as those that an operator makes, are not compared.
func (e *env) missingPods(snapshots [2]*model.Snapshot) {
	for _, s := range snapshots {
		for _, o := range s.Scope().Opaque {
			if o.Domains&model.Workloads != 0 {
				e.warn("pods are missing, whose connections are not compared: %s", report.Printable(o.Why))
				return
			}
		}
	}
}

// unreadSides says what of the input was not read, and whether anything that
// should be was not.
func (e *env) unreadSides(sides *diffSides) (unread bool) {
	for i, s := range sides {
		line, state := s.in.lines(s.loaded.Files), reachdiff.State(i) //nolint:gosec // two states
		for _, p := range s.loaded.Problems {
			e.warn("%s: %s: %s", state, line(p.At), report.Printable(p.Message))
			unread = true
		}
		if n := len(s.loaded.Notes); n > 0 {
			e.warn("%s: parts of the input are set aside, %d in all; ekslint check names them", state, n)
		}
	}
	return unread
}

func (o *diffOptions) exitCode(d reachdiff.Diff, unread bool) int {
	holds := map[string]bool{"opened": d.Opens(), "closed": d.Closes(), "changed": d.Opens() || d.Closes()}
	switch {
	case holds[o.failWhen]:
		return ExitFindings
	case unread:
		return ExitInput
	default:
		return ExitClean
	}
}

// pickBoth returns the cluster of that name, or the only one, of each side. A
// cluster that one side holds alone is compared with an empty one.
func (e *env) pickBoth(sides *diffSides, name string) ([2]*model.Snapshot, error) {
	var out [2]*model.Snapshot
	for i, s := range sides {
		state := reachdiff.State(i) //nolint:gosec // two states
		if name != "" {
			out[i] = s.named(name)
			continue
		}
		picked, err := pick(s.loaded.Clusters, "")
		if err != nil {
			return out, usagef("%s: %w", state, err)
		}
		out[i] = picked
	}
	if name != "" && out[reachdiff.Old] == nil && out[reachdiff.New] == nil {
		_, err := pick(sides[reachdiff.New].loaded.Clusters, name)
		return out, err
	}
	for i := range out {
		if out[i] == nil {
			e.warn("%s: the input holds no cluster %q, and is taken as empty", reachdiff.State(i), name) //nolint:gosec // two states
			out[i] = model.NewSnapshot(model.Scope{}, nil)
		}
	}
	return out, nil
}
