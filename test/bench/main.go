//go:build unix

// Program bench measures whole runs of ekslint, from start to exit, and prints
// time and memory beside their budgets. It judges nothing: figures of a busy
// machine must not fail a build.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"
)

// paths are the programs and folders to measure with.
type paths struct {
	ekslint, decode, generator, dir string
}

func main() {
	var p paths
	flag.StringVar(&p.ekslint, "bin", "bin/ekslint", "the program to measure")
	flag.StringVar(&p.decode, "decode", ".cache/bench/decode", "the bare typed decoder to compare with")
	flag.StringVar(&p.generator, "gen", ".cache/bench/gen", "the generator of clusters; large runs are left out without it")
	flag.StringVar(&p.dir, "dir", ".cache/bench", "folder for the clusters")
	runs := flag.Int("runs", 5, "runs of each measurement")
	flag.Parse()
	if err := bench(os.Stdout, p, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// row is one line of the table: a command and what it may cost.
type row struct {
	name   string
	budget string
	args   []string
}

func bench(out io.Writer, p paths, runs int) error {
	rows, err := plan(p)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	lines := []string{
		fmt.Sprintf("%s/%s, %d cores, %d runs each", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runs),
		"run\tbest\tmedian\tmax RSS\tbudget",
	}
	for _, r := range rows {
		m, err := measure(r.args, runs)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		lines = append(lines, fmt.Sprintf("%s\t%s\t%s\t%s\t%s", r.name, millis(m.best), millis(m.median), megabytes(m.rss), r.budget))
	}
	if _, err := fmt.Fprintln(table, strings.Join(lines, "\n")); err != nil {
		return err
	}
	return table.Flush()
}

func plan(p paths) ([]row, error) {
	small, err := smallFile(p.dir)
	if err != nil {
		return nil, err
	}
	many, err := manyFiles(p.dir)
	if err != nil {
		return nil, err
	}
	resources, err := terraformPlan(p.dir)
	if err != nil {
		return nil, err
	}
	rows := []row{
		{name: "version", budget: "< 20 ms", args: []string{p.ekslint, "version"}},
		{name: "check, one small file", budget: "< 100 ms", args: []string{p.ekslint, "check", small}},
		{name: "check, a repository of 500 files", budget: "< 1 s", args: []string{p.ekslint, "check", many}},
		{name: "check, a Terraform plan of 5 MB", budget: "< 400 ms", args: []string{p.ekslint, "check", resources}},
	}
	if !exists(p.generator) {
		fmt.Fprintf(os.Stderr, "bench: large clusters are left out: no generator at %s\n", p.generator)
		return rows, nil
	}
	for _, size := range []struct {
		namespaces int
		budget     string
	}{
		{namespaces: 34, budget: "< 500 ms, 150 MB"},
		{namespaces: 500, budget: "< 2 x the decode below, 600 MB"},
	} {
		cluster, err := generate(p, size.namespaces)
		if err != nil {
			return nil, err
		}
		documents, err := exec.Command(p.decode, cluster).Output()
		if err != nil {
			return nil, fmt.Errorf("count documents of %s: %w", cluster, err)
		}
		label := fmt.Sprintf("N=%d, %s documents", size.namespaces, strings.TrimSpace(string(documents)))
		rows = append(rows,
			row{name: "check, " + label, budget: size.budget, args: []string{p.ekslint, "check", cluster}},
			row{name: "bare typed decode, " + label, budget: "-", args: []string{p.decode, cluster}})
	}
	aws, err := awsRows(p)
	if err != nil {
		return nil, err
	}
	reach, err := reachRows(p)
	return append(append(rows, aws...), reach...), err
}

// awsRows measure a cluster of 10,000 workloads with its account.
func awsRows(p paths) ([]row, error) {
	answers, err := account(p.dir)
	if err != nil {
		return nil, err
	}
	cluster, err := generate(p, 500)
	if err != nil {
		return nil, err
	}
	label := fmt.Sprintf("%d security groups, %d subnets", accountGroups, accountSubnets)
	return []row{
		{name: "check, " + label, budget: "-", args: []string{p.ekslint, "check", answers}},
		{name: "check, " + label + ", 10000 workloads", budget: "< 5 s, 800 MB", args: []string{p.ekslint, "check", cluster, answers}},
	}, nil
}

// reachRows measure who can talk to whom, on 1,000 and 10,000 workloads: zt has
// policies for each namespace, app for each workload.
func reachRows(p paths) ([]row, error) {
	var rows []row
	for _, c := range []struct {
		name, budget string
		namespaces   int
		flags        []string
	}{
		{"zt", "< 250 ms", 50, nil},
		{"zt", "< 1.5 x its decode, 350 MB", 500, nil},
		{"app", "< 2.2 x its decode, 450 MB", 500, []string{"-perapp"}},
	} {
		cluster, err := generate(p, c.namespaces, c.flags...)
		if err != nil {
			return nil, err
		}
		label := fmt.Sprintf("%s, %d workloads", c.name, c.namespaces*20)
		rows = append(rows,
			row{name: "reach --all-pairs, " + label, budget: c.budget, args: []string{p.ekslint, "reach", cluster, "--all-pairs"}},
			row{name: "bare typed decode, " + label, budget: "-", args: []string{p.decode, cluster}})
		if c.namespaces == 500 {
			rows = append(rows, row{name: "reach --from --to, " + label, budget: "load + 50 ms", args: []string{
				p.ekslint, "reach", cluster, "--from", "ns-0001/app-001", "--to", "ns-0002/app-002",
			}})
		}
	}
	return rows, nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// generate writes the cluster with so many namespaces, anew each time: the
// generator may have changed and takes less time than one measurement.
func generate(p paths, namespaces int, flags ...string) (string, error) {
	cluster := filepath.Join(p.dir, "n"+strconv.Itoa(namespaces)+strings.Join(flags, ""))
	arguments := append([]string{"-out", cluster, "-ns", strconv.Itoa(namespaces), "-dep", "20"}, flags...)
	command := exec.Command(p.generator, arguments...)
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("generate %s: %w: %s", cluster, err, output)
	}
	return cluster, nil
}

// smallFile writes what a hook typically gets: one Deployment with its Service.
func smallFile(dir string) (string, error) {
	name := filepath.Join(dir, "small.yaml")
	return name, os.WriteFile(name, []byte(webText), 0o600)
}

// manyFiles writes a repository as a hook before a commit meets it.
func manyFiles(dir string) (string, error) {
	const files = 500
	dir = filepath.Join(dir, "repository")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("repository of many files: %w", err)
	}
	for i := range files {
		text := strings.ReplaceAll(webText, "web", "web-"+strconv.Itoa(i))
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)+".yaml"), []byte(text), 0o600); err != nil {
			return "", fmt.Errorf("repository of many files: %w", err)
		}
	}
	return dir, nil
}

const webText = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web:1
        ports: [{name: http, containerPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: http}]
`
