// Package capacity holds the rules on addresses and pods.
package capacity
