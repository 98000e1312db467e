package onboard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
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
	body, err := json.Marshal(tidy(request))
	if err != nil {
		return core.Run{}, fmt.Errorf("start run: %w", err)
	}
	digest, err := p.digest(ctx, body, request)
	if err != nil {
		return core.Run{}, err
	}
	key := p.keyOf(ctx, idempotencyKey)
	if run, err := p.repeated(ctx, key, digest); err != nil || run.ID != "" {
		return run, err
	}
	c, err := p.check(ctx, request)
	if err != nil {
		return core.Run{}, err
	}
	staged, err := p.Store.Stage(ctx, c.request.Developer.Region, tenants.StagedFile{Name: "request.json", Type: "application/json"}, bytes.NewReader(body), requestLimit)
	if err != nil {
		return core.Run{}, fmt.Errorf("start run: %w", err)
	}
	run, err := p.create(ctx, c.request, staged.ID, key, digest)
	if core.CodeOf(err) == core.Conflict {
		// Two requests with one key raced: the other one's run is the answer.
		if other, again := p.repeated(ctx, key, digest); again != nil || other.ID != "" {
			return other, errors.Join(again, p.Store.Unstage(ctx, staged.ID))
		}
		problem := core.Problems{{Field: "developer.code", Value: c.request.Developer.Code, Reason: "belongs to another onboarding that isn't finished"}}
		return core.Run{}, errors.Join(problem.Err(), p.Store.Unstage(ctx, staged.ID))
	}
	if err != nil {
		return core.Run{}, err
	}
	p.launch(run.ID)
	return run, nil
}

// digest identifies a request by its content: uploads count by their bytes, so
// that a client that retries may upload its files again.
func (p *Pipeline) digest(ctx context.Context, body []byte, request core.Provision) (string, error) {
	request.Theme.Logo, request.Units.File = "", ""
	same, err := json.Marshal(tidy(request))
	if err != nil {
		return "", fmt.Errorf("start run: %w", err)
	}
	h := sha256.New()
	h.Write(same)
	var refs core.Provision
	if err := json.Unmarshal(body, &refs); err != nil {
		return "", fmt.Errorf("start run: %w", err)
	}
	for _, id := range []string{refs.Theme.Logo, refs.Units.File} {
		if id == "" {
			h.Write([]byte{0})
			continue
		}
		file, content, err := p.Store.Staged(ctx, id)
		if err != nil {
			h.Write([]byte(id)) // check names the field
			continue
		}
		content.Close()
		h.Write([]byte(file.SHA256))
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// keyOf binds a key to who sent it: keys of two actors never meet.
func (p *Pipeline) keyOf(ctx context.Context, idempotencyKey string) []byte {
	if idempotencyKey == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(core.ActorOf(ctx).ID + "\x00" + idempotencyKey))
	return sum[:]
}

func (p *Pipeline) repeated(ctx context.Context, key []byte, digest string) (core.Run, error) {
	if key == nil {
		return core.Run{}, nil
	}
	var id, before string
	err := p.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		id, before, err = findByKey(ctx, tx, key)
		return err
	})
	if err != nil || id == "" {
		return core.Run{}, err
	}
	if before != digest {
		return core.Run{}, core.Errorf(core.Conflict, "This Idempotency-Key came with another request before; use a new one.")
	}
	return p.Find(ctx, id)
}

// FindStarted returns the run that the acting user began with the idempotency
// key. Returns not_found.
func (p *Pipeline) FindStarted(ctx context.Context, idempotencyKey string) (core.Run, error) {
	var id string
	err := p.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		id, _, err = findByKey(ctx, tx, p.keyOf(ctx, idempotencyKey))
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

func (p *Pipeline) create(ctx context.Context, request core.Provision, requestID string, key []byte, digest string) (core.Run, error) {
	var run core.Run
	err := p.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		run = core.Run{
			ID: core.NewID(core.PrefixRun, tx.Now), Name: request.Developer.Name, Region: request.Developer.Region, State: core.Pending,
			CreatedBy: core.ActorOf(ctx).ID, CreatedAt: tx.Now, UpdatedAt: tx.Now,
		}
		for _, s := range steps {
			run.Steps = append(run.Steps, core.Step{Name: s.name, State: core.Pending})
		}
		if err := insertRun(ctx, tx, run, request.Developer.Code, requestID, key, digest); err != nil {
			return err
		}
		return p.Recorder.Record(ctx, tx, core.Entry{Action: "run.start", Target: core.Target{Kind: "run", ID: run.ID}})
	})
	return run, err
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
	var files []string
	err := p.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		run, err := findRun(ctx, tx, id)
		if err != nil {
			return err
		}
		if run.State != core.Failed || stepOf(run, "tenant").State == core.Done {
			return core.Errorf(core.Conflict, "Only a failed onboarding whose tenant doesn't exist yet can be cancelled.")
		}
		files, err = p.filesOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := setRunState(ctx, tx, id, core.Cancelled); err != nil {
			return err
		}
		return p.Recorder.Record(ctx, tx, core.Entry{Action: "run.cancel", Target: core.Target{Kind: "run", ID: id}})
	})
	if err != nil {
		return core.Run{}, err
	}
	p.release(ctx, files)
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
