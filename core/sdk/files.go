package sdk

// Files are what an export of the plugin adds.
type Files struct{}
