package helm

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// durations are Helm's functions on durations. All but the first take what is no
// duration for zero.
func durations() template.FuncMap {
	in := func(unit time.Duration) func(any) float64 {
		return func(value any) float64 {
			d, err := duration(value)
			if err != nil {
				return 0
			}
			return float64(d) / float64(unit)
		}
	}
	count := func(unit time.Duration) func(any) int64 {
		return func(value any) int64 {
			d, err := duration(value)
			if err != nil {
				return 0
			}
			return int64(d / unit)
		}
	}
	const day = 24 * time.Hour
	return template.FuncMap{
		"mustToDuration":       duration,
		"durationSeconds":      in(time.Second),
		"durationMinutes":      in(time.Minute),
		"durationHours":        in(time.Hour),
		"durationDays":         in(day),
		"durationWeeks":        in(7 * day),
		"durationMilliseconds": count(time.Millisecond),
		"durationMicroseconds": count(time.Microsecond),
		"durationNanoseconds":  count(time.Nanosecond),
		"durationRoundTo":      rounded(time.Duration.Round),
		"durationTruncateTo":   rounded(time.Duration.Truncate),
	}
}

func rounded(to func(d, multiple time.Duration) time.Duration) func(value, multiple any) time.Duration {
	return func(value, multiple any) time.Duration {
		d, err := duration(value)
		if err != nil {
			return 0
		}
		m, err := duration(multiple)
		if err != nil {
			return d
		}
		return to(d, m)
	}
}

// duration reads a duration, its text, or a number of seconds.
func duration(value any) (time.Duration, error) {
	switch v := value.(type) {
	case nil:
		return 0, errors.New("invalid duration")
	case time.Duration:
		return v, nil
	case string:
		return parseDuration(strings.TrimSpace(v))
	}
	v := reflect.ValueOf(value)
	switch {
	case v.CanInt():
		return seconds(float64(v.Int()))
	case v.CanUint():
		return seconds(float64(v.Uint()))
	case v.CanFloat():
		return seconds(v.Float())
	default:
		return 0, fmt.Errorf("unsupported duration type %T", value)
	}
}

func parseDuration(text string) (time.Duration, error) {
	if d, err := time.ParseDuration(text); err == nil {
		return d, nil
	}
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		return seconds(number)
	}
	return 0, fmt.Errorf("could not parse duration %q", text)
}

func seconds(number float64) (time.Duration, error) {
	d := number * float64(time.Second)
	if math.IsNaN(d) || math.Abs(d) >= math.MaxInt64 {
		return 0, fmt.Errorf("invalid duration seconds: %v", number)
	}
	return time.Duration(d), nil
}
