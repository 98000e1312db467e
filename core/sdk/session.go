package sdk

// session is the way back to the host of one call.
type session struct{}
