package sdk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
)

// egress are the places that outside calls may reach: host:port, *.domain:port.
type egress []string

// allows reports whether a place was granted by name.
func (e egress) allows(host, port string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return slices.ContainsFunc(e, func(granted string) bool {
		name, number, err := net.SplitHostPort(strings.ToLower(granted))
		if err != nil || number != port {
			return false
		}
		if domain, wild := strings.CutPrefix(name, "*"); wild {
			return strings.HasSuffix(host, domain) && len(host) > len(domain)
		}
		return name == host
	})
}

// reaches reports whether an address may be dialled: a public one, or one that
// was granted as it is. A name that leads into a private network is refused.
func (e egress) reaches(ip netip.Addr, port string) bool {
	ip = ip.Unmap().WithZone("")
	return public(ip) || e.allows(ip.String(), port) || ip.IsLoopback() && e.allows("localhost", port)
}

// closed are the networks that aren't the internet's, beside those that netip
// knows.
var closed = func() (all []netip.Prefix) {
	for _, s := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		if p, err := netip.ParsePrefix(s); err == nil {
			all = append(all, p)
		}
	}
	return all
}()

func public(ip netip.Addr) bool {
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(closed, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// Outside is how a plugin's outside calls are made. The zero value is the
// network; a test puts fixtures and a clock in its place.
type Outside struct {
	Transport http.RoundTripper                                            // nil: TCP and TLS, checked after DNS
	Resolve   func(ctx context.Context, host string) ([]netip.Addr, error) // nil: DNS
	Now       func() time.Time                                             // nil: time.Now
	Wait      func(context.Context, time.Duration) error                   // between tries; nil: a timer
}

// Times and sizes of outside calls.
const (
	wholeTime     = 30 * time.Second
	connectTime   = 10 * time.Second
	addressTime   = 4 * time.Second // to connect to one of several addresses
	idleTime      = time.Minute
	idleOutside   = 32
	headerBytes   = 256 << 10
	bodyBytes     = 32 << 20
	maxRedirects  = 5
	maxTries      = 3
	maxRetryAfter = 10 * time.Second
)

// network is the way out of one plugin's process.
type network struct {
	Outside
	egress  egress
	retries budget
}

func newNetwork(o Outside, e egress) *network {
	n := &network{Outside: o, egress: e, retries: budget{tokens: maxTokens}}
	if n.Now == nil {
		n.Now = time.Now
	}
	if n.Wait == nil {
		n.Wait = wait
	}
	if n.Resolve == nil {
		n.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if n.Transport == nil {
		n.Transport = &http.Transport{ // without a proxy: the environment's is not the plugin's
			DialContext: n.dial, ForceAttemptHTTP2: true, TLSHandshakeTimeout: connectTime,
			MaxIdleConns: idleOutside, IdleConnTimeout: idleTime, MaxResponseHeaderBytes: headerBytes,
		}
	}
	return n
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// dial connects to the first address of the place that answers, and to none
// that isn't public.
func (n *network) dial(ctx context.Context, _, place string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	host, port, err := net.SplitHostPort(place)
	if err != nil {
		return nil, err
	}
	var addresses []netip.Addr
	if ip, err := netip.ParseAddr(host); err == nil {
		addresses = []netip.Addr{ip}
	} else if addresses, err = n.Resolve(ctx, host); err != nil {
		return nil, fmt.Errorf("find %s: %w", host, err)
	}
	slices.SortStableFunc(addresses, func(a, b netip.Addr) int { return cmp.Compare(a.Unmap().BitLen(), b.Unmap().BitLen()) })
	failed := []error{fmt.Errorf("reach %s", host)}
	dialer := net.Dialer{Timeout: addressTime}
	for _, ip := range addresses {
		if !n.egress.reaches(ip, port) {
			failed = append(failed, core.Errorf(core.Forbidden, "%s leads to %s, which isn't a public address.", host, ip))
			continue
		}
		conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(ip.Unmap().String(), port))
		if err == nil {
			return conn, nil
		}
		failed = append(failed, err)
	}
	return nil, errors.Join(failed...)
}
