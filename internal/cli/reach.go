package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/internal/reachreport"
	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/path"
	"github.com/ekslint/ekslint/pkg/analyzer/reach"
	"github.com/ekslint/ekslint/pkg/loader"
	"github.com/ekslint/ekslint/pkg/model"
)

// reachOptions are the flags of reach.
type reachOptions struct {
	inputFlags
	cluster        string
	from, to, port string
	probe, format  string
	allPairs       bool
}

func (e *env) reachCommand() *cobra.Command {
	o := &reachOptions{}
	cmd := &cobra.Command{
		Use:   "reach PATH...|-",
		Short: "Answer who can talk to whom, and which line decides",
		Long: "Reach evaluates the network policies of a cluster: NetworkPolicy, AdminNetworkPolicy,\n" +
			"BaselineAdminNetworkPolicy, ClusterNetworkPolicy, EKS's ClusterNetworkPolicy and\n" +
			"ApplicationNetworkPolicy, CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy. It judges pods and\n" +
			"their ports, and says unknown where the input does not decide. Where the input has an AWS side, a\n" +
			"question with --from or --to is answered over all layers, hop by hop: load balancer, route, network\n" +
			"ACL, security groups, Service, policies, and the way back. What a service mesh refuses is not judged.\n\n" +
			"--from and --to take NAMESPACE/NAME, NAMESPACE/KIND/NAME, a label selector such as app=web, an\n" +
			"address or CIDR, internet (every public address), dns (the cluster's DNS; as EKS installs it when\n" +
			"the input shows none) or cluster (every workload). --to takes NAMESPACE/service/NAME and\n" +
			"NAMESPACE/ingress/NAME as well, and follows their ports to the pods, aws:SERVICE, such as aws:s3 or\n" +
			"aws:ecr.api (through the endpoints of the VPC, or over the internet), and db:NAME, a database or\n" +
			"cache of the AWS side. Without --from and --to, reach prints a summary: one line for workloads that\n" +
			"no policy tells apart.\n\n" +
			"Exit codes: 0 answered, 2 wrong usage or config, 3 a part of the input could not be read,\n" +
			"4 ekslint itself failed.",
		Example: "  ekslint reach deploy/\n" +
			"  ekslint reach deploy/ --from shop/web --to shop/db --port 5432/tcp\n" +
			"  ekslint reach deploy/ aws/ --from internet --to shop/web\n" +
			"  ekslint reach deploy/ --from shop/web --to shop/service/api --port 80\n" +
			"  ekslint reach deploy/ aws/ --from shop/web --to aws:s3\n" +
			"  ekslint reach deploy/ infra/ --from shop/web --to db:orders\n" +
			"  ekslint reach deploy/ --to shop/db --format json\n" +
			"  ekslint reach deploy/ --all-pairs",
		RunE: func(cmd *cobra.Command, args []string) error { return e.reach(cmd.Context(), args, o) },
	}
	flags := cmd.Flags()
	o.inputFlags.register(flags)
	flags.StringVar(&o.cluster, "cluster", "", "the cluster to ask, when the input holds several")
	flags.StringVar(&o.from, "from", "", "who begins the connection (default: cluster and internet, for --to)")
	flags.StringVar(&o.to, "to", "", "who receives it (default: cluster and internet, for --from)")
	flags.StringVar(&o.port, "port", "", "port and protocol such as 443/tcp, a port of TCP such as 443, or every port of a protocol such as udp (default: any)")
	flags.BoolVar(&o.allPairs, "all-pairs", false, "print every connection that is certainly admitted, one a line")
	flags.StringVar(&o.probe, "probe", "", "JSON file with a list of {src, dst, proto, port}; prints the verdict of each")
	flags.StringVar(&o.format, "format", "text", "text or json; with --all-pairs, --from or --to also csv, dot or mermaid")
	return cmd
}

func (o *reachOptions) validate(args []string) error {
	modes := 0
	for _, on := range []bool{o.allPairs, o.probe != "", o.from != "" || o.to != "" || o.port != ""} {
		if on {
			modes++
		}
	}
	formats := []string{"text", "json"}
	if o.allPairs || o.from != "" || o.to != "" {
		formats = reachreport.Formats()
	}
	switch {
	case len(args) == 0:
		return usagef("reach needs a path, or - for standard input")
	case modes > 1:
		return usagef("--all-pairs, --probe and --from, --to, --port exclude each other")
	case o.port != "" && o.from == "" && o.to == "":
		return usagef("--port needs --from or --to")
	case !slices.Contains(formats, o.format):
		return usagef("--format: want %s, not %q", strings.Join(formats, ", "), o.format)
	}
	return nil
}

func (e *env) reach(ctx context.Context, args []string, o *reachOptions) error {
	if err := o.validate(args); err != nil {
		return err
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
	a := asker{env: e, graph: graph.New(snapshot), line: in.lines(loaded.Files)}
	if err := a.answer(o, snapshot.Scope()); err != nil {
		return err
	}
	a.enforcement()
	a.unread(loaded)
	return nil
}

// unread says what of the input was not read.
func (a *asker) unread(loaded loader.Result) {
	for _, p := range loaded.Problems {
		a.warn("%s: %s", a.line(p.At), report.Printable(p.Message))
		a.code = ExitInput
	}
	if n := len(loaded.Notes); n > 0 {
		a.warn("parts of the input are set aside, %d in all; ekslint check names them", n)
	}
}

// pick returns the cluster of that name, or the only one.
func pick(clusters []*model.Snapshot, name string) (*model.Snapshot, error) {
	var names []string
	for _, c := range clusters {
		if name != "" && c.Scope().Name == name {
			return c, nil
		}
		names = append(names, c.Scope().Name)
	}
	switch {
	case name != "":
		return nil, usagef("--cluster: the input holds no cluster %q but %s", name, strings.Join(names, ", "))
	case len(clusters) > 1:
		return nil, usagef("the input holds %d clusters: name one with --cluster: %s", len(clusters), strings.Join(names, ", "))
	case len(clusters) == 0:
		return model.NewSnapshot(model.Scope{}, nil), nil
	}
	return clusters[0], nil
}

// lines resolves spans for writers.
func (in *input) lines(files loader.Files) reachreport.Line {
	options := report.Options{Text: files.Text}
	return func(span model.Span) reachreport.Place {
		if span.IsZero() {
			return reachreport.Place{}
		}
		return reachreport.Place{File: in.display(span.File), Line: options.Line(span), Inexact: span.Inexact}
	}
}

// asker answers the questions of one command line.
type asker struct {
	*env
	graph  *graph.Graph
	engine *reach.Engine
	// layers answers over all layers of the cluster; nil where the input has no AWS side.
	layers  *path.Engine
	cluster *eks.Cluster
	line    reachreport.Line
}

func (a *asker) answer(o *reachOptions, scope model.Scope) error {
	if o.from != "" || o.to != "" {
		a.engine = a.engineFor(o.from, o.to)
		if cluster := eks.New(a.graph); cluster.Known() {
			a.layers, a.cluster = path.New(cluster, a.engine), cluster
		}
		return a.query(o)
	}
	a.engine = reach.New(a.graph)
	if o.probe != "" {
		return a.probe(o.probe)
	}
	write := reachreport.WriteSummary
	if o.allPairs {
		write = reachreport.WritePairs
	}
	undecided, err := write(a.stdout, a.engine, o.format)
	a.caveats(undecided, scope)
	return err
}

// enforcement says that nothing enforces the policies, where the input shows it.
// Verdicts are those of the policies all the same.
func (a *asker) enforcement() {
	e := a.graph.Enforcement()
	if e.Enforced != model.No {
		return
	}
	at := a.line(graph.Holder(e.Agent).Locate(e.At, model.PartValue))
	a.warn("%s: the %s does not enforce policies: all pods reach each other, whatever they say", at, e.Engine)
}

// caveats says what an overview does not show.
func (a *asker) caveats(undecided int, scope model.Scope) {
	if undecided > 0 {
		a.warn("%d pairs are undecided, in whole or in part: only what is certain is shown", undecided)
	}
	for _, o := range scope.Opaque {
		if o.Domains&model.Policies != 0 {
			a.warn("policies are missing, so that more or less may be open: %s", report.Printable(o.Why))
			return
		}
	}
	a.withoutPolicies()
}

// withoutPolicies says of which namespaces the policies may be elsewhere. An
// overview takes their pods for open, and a single question calls them unknown.
func (a *asker) withoutPolicies() {
	var names []string
	for _, o := range a.graph.Objects(model.KindNamespace.Kind) {
		ns, ok := o.(*graph.Namespace)
		if ok && len(ns.Workloads) > 0 && a.graph.Snapshot().Knows(model.Policies, ns.Ref().Name) == model.NotKnown {
			names = append(names, cmp.Or(ns.Ref().Name, corev1.NamespaceDefault))
		}
	}
	if len(names) == 0 {
		return
	}
	others := ""
	if n := len(names) - 1; n > 0 {
		others = fmt.Sprintf(" and %d more", n)
	}
	a.warn("the input does not show the policies of namespace %q%s: what is open there may be closed", names[0], others)
}
