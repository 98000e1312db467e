package onboard

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// requestLimit bounds a request's JSON, in bytes.
const requestLimit = 1 << 20

// Start checks the request, stores it with its region and begins the run. The
// same idempotency key with the same request returns the run that it began;
// with another request it is a conflict. Returns invalid with every problem.
func (p *Pipeline) Start(ctx context.Context, request core.Provision, idempotencyKey string) (core.Run, error) {
	request = tidy(request)
	key := keyOf(ctx, idempotencyKey)
	if run, err := p.repeated(ctx, key, request); err != nil || run.ID != "" {
		return run, err
	}
	run, err := p.begin(ctx, request, key)
	if err != nil {
		// If two requests with one key raced, the other one's run is the answer.
		if other, again := p.repeated(ctx, key, request); again != nil || other.ID != "" {
			return other, again
		}
		return core.Run{}, err
	}
	p.launch(run.ID)
	return run, nil
}

// beginning is what a run keeps of its request, beside the steps.
type beginning struct {
	code    string            // of the developer
	key     []byte            // hash of the idempotency key; nil without one
	uploads map[string]string // SHA-256 of the uploads by their ids
	digest  string            // of the request, with these in place of the ids
	request string            // upload id of the request itself
}

// begin checks the request, stages it and writes the run, to which the uploads
// belong from then on.
func (p *Pipeline) begin(ctx context.Context, request core.Provision, key []byte) (core.Run, error) {
	list, err := p.Check(ctx, request)
	if err != nil {
		return core.Run{}, err
	}
	run := core.Run{
		ID: core.NewID(core.PrefixRun, p.Now()), Name: request.Developer.Name, Region: request.Developer.Region, State: core.Pending,
		CreatedBy: core.ActorOf(ctx).ID,
	}
	for _, s := range steps {
		run.Steps = append(run.Steps, core.Step{Name: s.name, State: core.Pending})
		if s.name == unitsStep {
			run.Steps[len(run.Steps)-1].Total = list.Imported
		}
	}
	b := beginning{code: request.Developer.Code, key: key, uploads: p.sumsOf(ctx, request, nil)}
	if b.digest, err = digest(request, b.uploads); err != nil {
		return run, err
	}
	body, err := json.Marshal(request)
	if err != nil {
		return run, fmt.Errorf("start run: %w", err)
	}
	staged, err := p.Store.Stage(ctx, run.Region, tenants.StagedFile{Name: "request.json", Type: "application/json", Owner: run.ID}, bytes.NewReader(body), requestLimit)
	if err != nil {
		return run, fmt.Errorf("start run: %w", err)
	}
	b.request = staged.ID
	if err := p.create(ctx, &run, b); err != nil {
		p.drop(ctx, staged.ID)
		return run, err
	}
	return run, nil
}

func (p *Pipeline) create(ctx context.Context, run *core.Run, b beginning) error {
	return p.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		run.CreatedAt, run.UpdatedAt = tx.Now, tx.Now
		if err := codeIsFree(ctx, tx, b.code); err != nil {
			return err
		}
		if err := insertRun(ctx, tx, *run, b); err != nil {
			return err
		}
		for id := range b.uploads {
			if err := tenants.AdoptStaged(ctx, tx, id, run.ID); err != nil {
				return err
			}
		}
		return p.Recorder.Record(ctx, tx, core.Entry{Action: "run.start", Target: core.Target{Kind: "run", ID: run.ID}})
	})
}

// sumsOf returns the SHA-256 of a request's uploads by their ids: those that
// are known, and of the others those that are there.
func (p *Pipeline) sumsOf(ctx context.Context, request core.Provision, known map[string]string) map[string]string {
	sums := map[string]string{}
	for _, id := range []string{request.Theme.Logo, request.Units.File} {
		if sum, ok := known[id]; ok {
			sums[id] = sum
		} else if file, content, err := p.Store.Staged(ctx, id); err == nil {
			content.Close()
			sums[id] = file.SHA256
		}
	}
	return sums
}

// digest identifies a request by its content: uploads count by their bytes, so
// that a client that tries again may upload its files again.
func digest(request core.Provision, uploads map[string]string) (string, error) {
	for _, id := range []*string{&request.Theme.Logo, &request.Units.File} {
		*id = cmp.Or(uploads[*id], *id)
	}
	body, err := json.Marshal(request)
	if err != nil {
		return "", fmt.Errorf("start run: %w", err)
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

// keyOf binds a key to who sent it: keys of two actors never meet.
func keyOf(ctx context.Context, idempotencyKey string) []byte {
	if idempotencyKey == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(core.ActorOf(ctx).ID + "\x00" + idempotencyKey))
	return sum[:]
}

// repeated returns the run that the key began, none for a new key. Returns
// conflict when it came with another request.
func (p *Pipeline) repeated(ctx context.Context, key []byte, request core.Provision) (core.Run, error) {
	if key == nil {
		return core.Run{}, nil
	}
	var id string
	var before beginning
	err := p.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		id, before, err = findByKey(ctx, tx, key)
		return err
	})
	if err != nil || id == "" {
		return core.Run{}, err
	}
	same, err := digest(request, p.sumsOf(ctx, request, before.uploads))
	if err != nil {
		return core.Run{}, err
	}
	if same != before.digest {
		return core.Run{}, core.Errorf(core.Conflict, "This Idempotency-Key came with another request before; use a new one.")
	}
	return p.Find(ctx, id)
}

// FindStarted returns the run that the acting user began with the idempotency
// key. Returns not_found.
func (p *Pipeline) FindStarted(ctx context.Context, idempotencyKey string) (core.Run, error) {
	var id string
	err := p.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		id, _, err = findByKey(ctx, tx, keyOf(ctx, idempotencyKey))
		return err
	})
	if err == nil && id == "" {
		err = core.Errorf(core.NotFound, "There is no such onboarding.")
	}
	if err != nil {
		return core.Run{}, err
	}
	return p.Find(ctx, id)
}

// Find returns one run with its steps. Returns not_found.
func (p *Pipeline) Find(ctx context.Context, id string) (run core.Run, err error) {
	err = p.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		run, err = findRun(ctx, tx, id)
		return err
	})
	return run, err
}

// List returns runs, newest first; Status and Tenant filter them.
func (p *Pipeline) List(ctx context.Context, q core.Query) (list core.List[core.Run], err error) {
	err = p.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		list, err = listRuns(ctx, tx, q)
		return err
	})
	return list, err
}

// Resume continues a failed run with the step that failed. Returns conflict
// for a run that is at work, done or cancelled.
func (p *Pipeline) Resume(ctx context.Context, id string) (core.Run, error) {
	err := p.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		run, err := findRun(ctx, tx, id)
		if err != nil {
			return err
		}
		if run.State != core.Failed {
			return core.Errorf(core.Conflict, "Only a failed onboarding can be resumed; this one is %s.", run.State)
		}
		if err := setRunState(ctx, tx, id, core.Pending); err != nil {
			return err
		}
		return p.Recorder.Record(ctx, tx, core.Entry{Action: "run.resume", Target: core.Target{Kind: "run", ID: id}})
	})
	if err != nil {
		return core.Run{}, err
	}
	p.launch(id)
	return p.Find(ctx, id)
}

// Cancel gives up a run before its tenant exists. Returns conflict afterwards:
// a tenant is removed by its deletion, with its record, and not by a cancel.
func (p *Pipeline) Cancel(ctx context.Context, id string) (core.Run, error) {
	err := p.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		run, err := findRun(ctx, tx, id)
		if err != nil {
			return err
		}
		// The registry knows better than the step, which may have failed halfway.
		if _, err := p.Store.Find(ctx, run.TenantID); run.State != core.Failed || core.CodeOf(err) != core.NotFound {
			return core.Errorf(core.Conflict, "Only a failed onboarding whose tenant doesn't exist yet can be cancelled.")
		}
		if err := setRunState(ctx, tx, id, core.Cancelled); err != nil {
			return err
		}
		return p.Recorder.Record(ctx, tx, core.Entry{Action: "run.cancel", Target: core.Target{Kind: "run", ID: id}})
	})
	if err != nil {
		return core.Run{}, err
	}
	p.release(ctx, id)
	p.changed(id)
	return p.Find(ctx, id)
}

func stepOf(run core.Run, name string) core.Step {
	for _, s := range run.Steps {
		if s.Name == name {
			return s
		}
	}
	return core.Step{}
}
