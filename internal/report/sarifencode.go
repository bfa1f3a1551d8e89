package report

import "bytes"

// keptEmpty names the members whose emptiness means something: a clean run has
// results, none.
var keptEmpty = map[string]bool{`"results"`: true, `"rules"`: true}

// dropAbsent copies compact JSON without the members that the SARIF library
// writes for what is absent: the empty list and -1, which are the defaults of
// all members that have them in the SARIF schema.
func dropAbsent(compact []byte) []byte {
	out := make([]byte, 0, len(compact))
	for i := 0; i < len(compact); {
		if compact[i] != '"' {
			out = append(out, compact[i])
			i++
			continue
		}
		end := stringEnd(compact, i)
		if next, ok := absentMember(compact, i, end); ok {
			i = next
			if compact[i] == ',' {
				i++
			} else {
				out = bytes.TrimSuffix(out, []byte(","))
			}
			continue
		}
		out = append(out, compact[i:end]...)
		i = end
	}
	return out
}

// stringEnd returns the offset behind the JSON string that starts at i.
func stringEnd(doc []byte, i int) int {
	for i++; doc[i] != '"'; i++ {
		if doc[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// absentMember reports whether the string from start to end is the name of an
// absent member, and returns the offset behind its value.
func absentMember(doc []byte, start, end int) (next int, ok bool) {
	if doc[end] != ':' || keptEmpty[string(doc[start:end])] {
		return 0, false
	}
	value := doc[end+1:]
	for _, absent := range []string{"[]", "{}", "-1"} {
		next = end + 1 + len(absent)
		if bytes.HasPrefix(value, []byte(absent)) && (doc[next] == ',' || doc[next] == '}') {
			return next, true
		}
	}
	return 0, false
}
