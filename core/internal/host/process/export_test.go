package process

// Plain is a spec without TLS, to measure what that costs.
func Plain(s Spec) Spec {
	s.plain = true
	return s
}
