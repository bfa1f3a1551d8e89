// Package deploy makes what deploy/ holds of what the webhook reads: the list of what it
// watches, and the chart as plain manifests.
package deploy
