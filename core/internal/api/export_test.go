package api

// What tests look at from outside.
var (
	DecodeProvision = decodeProvision
	WaitOf          = waitOf
)
