package host

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/grant"
	"github.com/openhouse-ai/console/core/internal/host/process"
	"github.com/openhouse-ai/console/core/internal/host/sandbox"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc"
)

// held is a version that waits for an administrator.
type held struct {
	proposal Proposal
	offer    offer
}

func (h *held) Error() string { return "it asks for more than it was granted" }

// launch starts a version and returns when it can take calls: its binary is
// the one that was named, its manifest asks for nothing that wasn't granted,
// it says that it is healthy, and the tables of every tenant are prepared.
// After an error nothing of it is left.
func (h *Host) launch(ctx context.Context, p *plugin, e Entry) (*instance, error) {
	o, known, err := h.examine(ctx, p.id, e)
	if err != nil {
		return nil, err
	}
	var process Process
	if !known {
		if process, err = h.spawn(ctx, p, e, o); err != nil {
			return nil, err
		}
		if o, err = h.describe(ctx, p.id, e, o, process); err != nil {
			return nil, h.dismiss(process, err)
		}
	}
	granted, err := h.permit(ctx, p.id, e, o)
	if err != nil {
		return nil, h.dismiss(process, err)
	}
	if process != nil && len(granted.Egress)+len(granted.Env) > 0 {
		_ = h.dismiss(process, nil) // what it may use is decided at its start
		process = nil
	}
	if process == nil {
		if process, err = h.spawn(ctx, p, e, o); err != nil {
			return nil, err
		}
	}
	i := h.instance(p.id, e, o, process)
	if err := h.prepare(ctx, p, i); err != nil {
		return nil, h.dismiss(process, err)
	}
	return i, nil
}

// dismiss ends a process that isn't taken, and adds to the error how it ended.
func (h *Host) dismiss(p Process, err error) error {
	if p == nil {
		return err
	}
	died := false
	select {
	case <-p.Done():
		died = true
	default:
		p.Kill()
	}
	if err == nil {
		return nil
	}
	f := startFailure{error: err, pid: p.PID()}
	if _, waits := errors.AsType[*held](err); waits {
		return err
	}
	if died {
		f.exit = p.Exit()
		f.error = core.Errorf(core.Unavailable, "The process ended (%s).", f.exit)
	}
	return f
}

// examine finds the binary of an entry, and its manifest where it is known.
func (h *Host) examine(ctx context.Context, id string, e Entry) (o offer, known bool, err error) {
	binary, sum := h.Self, ""
	if e.Bundled() {
		sum, err = h.selfSum()
	} else {
		sum = e.SHA256
		binary, err = process.Keep(h.storeDir(), e.Path, e.SHA256)
	}
	if err != nil {
		return o, false, err
	}
	m, known, err := h.Keep.Manifest(ctx, manifestKey(id, sum, e))
	return newOffer(sum, binary, m), known && m.ID == id, err // one that is listed under another id is asked, and refused
}

// markGood remembers beyond this process which version of an outside plugin
// has served last.
func (h *Host) markGood(id string, e Entry) error {
	if e.Bundled() {
		return nil
	}
	if err := os.MkdirAll(h.Dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(h.goodFile(id), []byte(e.SHA256), 0o600)
}

func (h *Host) goodFile(id string) string { return filepath.Join(h.Dir, id+".served") }

// lastGood is the entry with the version that has served last, when that is
// another and its copy is there.
func (h *Host) lastGood(id string, e Entry) (Entry, bool) {
	sum, err := os.ReadFile(h.goodFile(id))
	if err != nil || e.Bundled() || string(sum) == e.SHA256 || !sumForm.Match(sum) {
		return e, false
	}
	e.SHA256 = string(sum)
	e.Path = filepath.Join(h.storeDir(), e.SHA256)
	_, err = os.Stat(e.Path)
	return e, err == nil
}

// manifestKey is where a manifest is kept: bundled plugins share one binary.
func manifestKey(id, sum string, e Entry) string {
	if e.Bundled() {
		return sum + "/" + id
	}
	return sum
}

// describe asks a process what it is.
func (h *Host) describe(ctx context.Context, id string, e Entry, o offer, p Process) (offer, error) {
	ctx, cancel := h.bounded(ctx, healthyWithin)
	defer cancel()
	said, err := p.Plugin().Describe(ctx, &wire.DescribeRequest{})
	if err != nil {
		return o, fmt.Errorf("describe: %w", wire.FromStatus(err))
	}
	var m sdk.Manifest
	if err := json.Unmarshal(said.GetManifest(), &m); err != nil {
		return o, core.Errorf(core.Invalid, "The manifest of %s can't be read: %v.", id, err)
	}
	if err := checkManifest(id, m); err != nil {
		return o, err
	}
	if err := h.Keep.PutManifest(ctx, manifestKey(id, o.sum, e), m); err != nil {
		return o, err
	}
	return newOffer(o.sum, o.binary, m), nil
}

// permit compares what a version asks for with what it was granted.
func (h *Host) permit(ctx context.Context, id string, e Entry, o offer) (sdk.Grants, error) {
	granted, err := h.granted(ctx, id, e, o.manifest)
	if err != nil || covers(granted, o.manifest.Needs) {
		return o.manifest.Needs, err
	}
	return granted, &held{
		proposal: Proposal{Manifest: o.manifest, SHA256: o.sum, At: h.Now(), Changes: compare(granted, o.manifest.Needs)},
		offer:    o,
	}
}

// granted is what a plugin may do beyond its own tables: what plugins.yaml
// says and what was approved on its page. A part of the console's own binary
// of which the file says nothing may do what it asks for: it came with it.
func (h *Host) granted(ctx context.Context, id string, e Entry, m sdk.Manifest) (sdk.Grants, error) {
	if e.Bundled() && e.Grants == nil {
		return m.Needs, nil
	}
	approved, err := h.approved(ctx, id)
	if err != nil || e.Grants == nil {
		return approved, err
	}
	return union(*e.Grants, approved), nil
}

// spawn starts a process of a plugin, confined as its entry says.
func (h *Host) spawn(ctx context.Context, p *plugin, e Entry, o offer) (Process, error) {
	dir := filepath.Join(h.run, p.id[:min(8, len(p.id))]+"-"+strconv.FormatInt(h.starts.Add(1), 36)) // a socket's path is short
	command := []string{h.Self, "plugin", "serve", p.id}
	if !e.Bundled() {
		command = []string{h.Self, "plugin", "launch"} // it becomes the binary of the rules
	}
	var env []string
	if e.Sandbox {
		if _, err := sandbox.Supported(); err != nil && !e.Bundled() {
			return nil, core.Errorf(core.Forbidden, "This machine can't confine it (%v). Write sandbox: off in plugins.yaml to run it all the same.", err)
		} else if err == nil {
			rules := sandbox.Rules{Binary: o.binary, Dir: dir, Ports: ports(o.manifest.Needs.Egress), Outside: !e.Bundled()}
			env = append(env, wire.SandboxKey+"="+rules.Encode())
		}
	} else if !e.Bundled() {
		command = []string{o.binary}
	}
	for _, name := range o.manifest.Needs.Env {
		if value := h.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	started, err := h.start(ctx, process.Spec{
		Plugin: p.id, Command: command, Env: env, Dir: dir, Memory: e.Limits.Memory / 10 * 9, Procs: e.Limits.Procs, Now: h.Now,
		Log: func(l process.Line) { h.heard(p, l) },
	})
	if err != nil {
		return nil, fmt.Errorf("start the process: %w", err)
	}
	return started, nil
}

// confinement is how a process is confined, for reading.
func confinement(e Entry) string {
	if !e.Sandbox {
		return "off in plugins.yaml"
	}
	version, err := sandbox.Supported()
	if err != nil {
		return "none: " + err.Error()
	}
	return fmt.Sprintf("landlock %d", version)
}

// instance puts a started process and what it may do together.
func (h *Host) instance(id string, e Entry, o offer, p Process) *instance {
	needs := o.manifest.Needs
	return &instance{
		offer: o, entry: e, process: p, client: p.Plugin(), limits: e.Limits, confine: confinement(e), startedAt: h.Clock.Now(),
		slots: make(chan struct{}, e.Limits.Calls), idle: make(chan struct{}),
		rights: grant.Rights{
			Plugin: id, Revision: revision(needs), Read: needs.Read, ReadPlatform: needs.ReadPlatform,
			Records: maps.Clone(o.manifest.Records),
			Limits:  grant.Limits{Database: e.Limits.Database, Rows: e.Limits.Rows, Bytes: e.Limits.Bytes},
		},
	}
}

// revision names rights: the same rights share connections to the files, also
// across an upgrade.
func revision(needs sdk.Grants) string {
	body, err := json.Marshal([]any{needs.Read, needs.ReadPlatform})
	if err != nil { // they are maps of strings
		return ""
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}

// prepare hands a process the way back, waits until it is healthy and brings
// the tables of every tenant up to date.
func (h *Host) prepare(ctx context.Context, p *plugin, i *instance) error {
	bound, cancel := h.bounded(ctx, healthyWithin)
	defer cancel()
	broker := i.process.Offer(func(s *grpc.Server) { h.desk.Register(s, p.id) })
	if _, err := i.client.Configure(bound, &wire.ConfigureRequest{Broker: broker, Egress: slices.Clone(i.manifest.Needs.Egress)}); err != nil {
		return fmt.Errorf("configure: %w", wire.FromStatus(err))
	}
	if err := h.awaitHealth(bound, i); err != nil {
		return err
	}
	if err := h.migrateAll(ctx, p, i); err != nil {
		return err
	}
	i.readyAt = h.Clock.Now()
	return nil
}

// healthPause lies between the questions of a start.
const healthPause = 200 * time.Millisecond

func (h *Host) awaitHealth(ctx context.Context, i *instance) error {
	var said error // by the plugin: it tells more than a question that came too late
	for {
		err, answered := h.healthOf(ctx, i.client)
		if err == nil {
			return nil
		}
		if answered || said == nil {
			said = err
		}
		timer := h.Clock.NewTimer(healthPause)
		select {
		case <-timer.Chan():
			continue
		case <-i.process.Done():
		case <-ctx.Done():
		}
		timer.Stop()
		if errors.Is(context.Cause(ctx), errLate) {
			return core.Errorf(core.Unavailable, "It was not healthy within %s: %s", healthyWithin, sentence(said))
		}
		return err
	}
}
