// Package host runs plugins: their processes, what they may do, and the doors
// that lead to them. A plugin is reached through the contract of package sdk
// alone; nothing here knows what any one of them is for.
package host
