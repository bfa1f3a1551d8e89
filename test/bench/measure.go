//go:build unix

package main

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// measurement sums up several runs of one command.
type measurement struct {
	best, median time.Duration
	rss          int64 // bytes, the largest of all runs
}

// measure runs a command, its output thrown away. Exit code 1 is a result:
// findings. The system counts this program's own few megabytes into the memory
// of a child that has less.
func measure(args []string, runs int) (measurement, error) {
	var m measurement
	if runs < 1 {
		return m, errors.New("at least one run is needed")
	}
	times := make([]time.Duration, 0, runs)
	for range runs {
		command := exec.Command(args[0], args[1:]...)
		start := time.Now()
		err := command.Run()
		times = append(times, time.Since(start))
		var exit *exec.ExitError
		if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
			return m, err
		}
		if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
			m.rss = max(m.rss, maxRSS(usage))
		}
	}
	slices.Sort(times)
	m.best, m.median = times[0], times[len(times)/2]
	return m, nil
}

// maxRSS is in bytes on macOS and in kilobytes elsewhere, see getrusage(2).
func maxRSS(usage *syscall.Rusage) int64 {
	if runtime.GOOS == "darwin" {
		return usage.Maxrss
	}
	return usage.Maxrss * 1024
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

func megabytes(n int64) string {
	return fmt.Sprintf("%.0f MB", float64(n)/1e6)
}
