package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ekslint/ekslint/internal/capacityreport"
	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
)

// capacityOptions are the flags of capacity.
type capacityOptions struct {
	inputFlags
	cluster, format string
}

func (e *env) capacityCommand() *cobra.Command {
	o := &capacityOptions{}
	cmd := &cobra.Command{
		Use:   "capacity PATH...|-",
		Short: "Count addresses and pods: what each subnet and node group holds, and what is asked of it",
		Long: "Capacity counts how many pods a node takes, how many addresses it takes of its subnet under the\n" +
			"settings of the VPC CNI, and what that makes for each subnet at the desired size of the node groups,\n" +
			"at their max size, and while a managed node group is updated at that size. Load balancers, the\n" +
			"control plane, NAT gateways and interface endpoints are counted too. Where AWS was asked, as with\n" +
			"aws ec2 describe-subnets, needs are set against the addresses that are free, which the nodes that\n" +
			"there are have left.\n\n" +
			"Numbers that the input does not fix are bounds: \"10 to 30\" addresses are those of a node that runs\n" +
			"nothing but DaemonSets, and of one that is full of pods. ? is not known, with the reason below.\n\n" +
			"Exit codes: 0 counted, 2 wrong usage or config, 3 a part of the input could not be read,\n" +
			"4 ekslint itself failed.",
		Example: "  ekslint capacity deploy/ aws/\n" +
			"  ekslint capacity infra/ --format json",
		RunE: func(cmd *cobra.Command, args []string) error { return e.capacity(cmd.Context(), args, o) },
	}
	flags := cmd.Flags()
	o.inputFlags.register(flags)
	flags.StringVar(&o.cluster, "cluster", "", "the cluster to count, when the input holds several")
	flags.StringVar(&o.format, "format", "text", "text or json")
	return cmd
}

func (e *env) capacity(ctx context.Context, args []string, o *capacityOptions) error {
	switch {
	case len(args) == 0:
		return usagef("capacity needs a path, or - for standard input")
	case !slices.Contains([]string{"text", "json"}, o.format):
		return usagef("--format: want text or json, not %q", o.format)
	}
	in, err := e.open(args)
	if err != nil {
		return err
	}
	defer in.close()
	progress := e.newProgress()
	cfg, err := o.read(in)
	if err != nil {
		return err
	}
	loaded, err := in.load(ctx, cfg, kept{kinds: graph.GenericKinds()}, progress)
	progress.clear()
	if err != nil {
		return err
	}
	snapshot, err := pick(loaded.Clusters, o.cluster)
	if err != nil {
		return err
	}
	cluster := eks.New(graph.New(snapshot))
	a := asker{env: e, line: in.lines(loaded.Files)}
	if len(cluster.NodeGroups) == 0 {
		a.warn("the input shows no node group of the cluster, whose nodes would be counted")
	}
	write := capacityreport.Text
	if o.format == "json" {
		write = capacityreport.JSON
	}
	if err := write(e.stdout, capacityreport.Of(capacity.New(cluster))); err != nil {
		return err
	}
	a.unread(loaded)
	return nil
}
